package org.homeostat.dashboard;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.homeostat.dashboard.Shelf.How;
import org.homeostat.device.DeviceException;
import org.homeostat.run.BadInput;
import org.jspecify.annotations.Nullable;

/**
 * The server of the live page; the package says what may be asked of it. Each page has a virtual thread of its own, so
 * that a slow one keeps nobody waiting, least of all the training.
 */
public final class Dashboard implements AutoCloseable {

    static {
        // Read once, by the first server of this program: an event is on its way at once, not when the one before was
        // confirmed.
        if (System.getProperty("sun.net.httpserver.nodelay") == null) {
            System.setProperty("sun.net.httpserver.nodelay", "true");
        }
    }

    /** How often a page is told what is new. */
    static final long EVERY_MILLIS = 200;

    /** A proxy, or a browser that has gone to sleep, shows itself at a line of comment at the latest. */
    private static final int ALIVE_EVERY = 50;

    /** Pages at the same time. */
    static final int MOST_PAGES = 32;

    private static final int BACKLOG = 64;
    private static final int OK = 200;
    private static final int ACCEPTED = 202;
    private static final int BAD_REQUEST = 400;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int NOT_ALLOWED = 405;
    private static final int CONFLICT = 409;
    private static final int BUSY = 503;

    /** The page; it holds nothing of any run. */
    private static final Map<String, String> FILES = Map.of(
            "/", "page.html",
            "/page.css", "page.css",
            "/page.js", "page.js",
            "/uPlot.iife.min.js", "uPlot.iife.min.js",
            "/uPlot.min.css", "uPlot.min.css");

    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8");

    private final Shelf shelf;
    private final HttpServer server;
    private final ExecutorService threads;
    private final Gate gate;
    private final URI address;
    private final AtomicInteger pages = new AtomicInteger();
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile boolean closed;

    private Dashboard(Shelf shelf, HttpServer server, Gate gate, URI address) {
        this.shelf = shelf;
        this.server = server;
        this.gate = gate;
        this.address = address;
        threads = Executors.newVirtualThreadPerTaskExecutor();
        server.createContext("/", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    /**
     * Serves the page.
     *
     * @param bind the address to bind to, by name or number, such as {@code 127.0.0.1}; {@code 0.0.0.0} for all of this
     *     computer
     * @param port 0 for any that is free
     * @throws BadInput if that address is not this computer's, or the port is taken
     */
    public static Dashboard open(Shelf shelf, String bind, int port) {
        InetAddress local;
        try {
            local = InetAddress.getByName(bind);
        } catch (UnknownHostException unknown) {
            throw new BadInput(
                    "--bind " + bind
                            + ": there is no such address; expected one of this computer, such as 127.0.0.1 or 0.0.0.0",
                    unknown);
        }
        HttpServer server;
        try {
            server = HttpServer.create(new InetSocketAddress(local, port), BACKLOG);
        } catch (BindException refused) {
            throw new BadInput(refusal(refused, bind, port), refused);
        } catch (IOException failed) {
            throw new BadInput("--port " + port + ": the page cannot be served (" + failed.getMessage() + ")", failed);
        }
        int chosen = server.getAddress().getPort();
        Gate gate = Gate.at(local, chosen);
        String host = local.isAnyLocalAddress() ? name() : Gate.host(local);
        String token = gate.token();
        URI address = URI.create("http://" + host + ":" + chosen + "/" + (token == null ? "" : "?token=" + token));
        return new Dashboard(shelf, server, gate, address);
    }

    private static String refusal(BindException refused, String bind, int port) {
        String said = String.valueOf(refused.getMessage());
        if (said.contains("Cannot assign")) {
            return "--bind " + bind
                    + ": this is not an address of this computer; expected one of its own, such as 127.0.0.1 or 0.0.0.0";
        }
        if (said.contains("Permission denied")) {
            return "--port " + port
                    + ": this system does not let you have it; choose one above 1023, or leave --port out";
        }
        return "--port " + port
                + ": another program has it; choose another one, or leave --port out for one that is free";
    }

    private static String name() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return "localhost";
        }
    }

    /** Where the page is, with the token if there is one. */
    public URI address() {
        return address;
    }

    /** Where the page of a run is. */
    public URI address(String run) {
        String coded = URLEncoder.encode(run, StandardCharsets.UTF_8);
        return URI.create(address + (address.getQuery() == null ? "?" : "&") + "run=" + coded);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
            String path = exchange.getRequestURI().getPath();
            boolean posted = exchange.getRequestMethod().equals("POST");
            boolean open = !posted && FILES.containsKey(path);
            String refusal = gate.refusal(exchange.getRequestHeaders(), query.get("token"), open, posted);
            if (refusal != null) {
                say(exchange, FORBIDDEN, refusal);
            } else if (posted) {
                post(exchange, path, query);
            } else if (!exchange.getRequestMethod().equals("GET")) {
                say(exchange, NOT_ALLOWED, "expected GET or POST");
            } else if (path.equals("/events")) {
                events(exchange, query.getOrDefault("run", ""));
            } else {
                file(exchange, FILES.get(path));
            }
        }
    }

    private static Map<String, String> query(@Nullable String raw) {
        Map<String, String> query = new HashMap<>();
        if (raw != null) {
            for (String pair : raw.split("&", -1)) {
                int equals = pair.indexOf('=');
                if (equals > 0) {
                    query.put(pair.substring(0, equals), decoded(pair.substring(equals + 1)));
                }
            }
        }
        return query;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException broken) {
            return text;
        }
    }

    private static void protect(HttpExchange exchange, String type) {
        var headers = exchange.getResponseHeaders();
        headers.set("Content-Type", type);
        headers.set("Cache-Control", "no-store");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("X-Content-Type-Options", "nosniff");
        // Nobody may lay a page of their own over the button that stops a board.
        headers.set(
                "Content-Security-Policy",
                "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; "
                        + "base-uri 'none'; form-action 'none'");
    }

    private static void say(HttpExchange exchange, int status, String sentence) throws IOException {
        send(exchange, status, "text/plain; charset=utf-8", sentence.getBytes(StandardCharsets.UTF_8));
    }

    private static void send(HttpExchange exchange, int status, String type, byte[] bytes) throws IOException {
        protect(exchange, type);
        // An empty body is -1 here, and 0 a body of unknown length.
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) {
            exchange.getResponseBody().write(bytes);
        }
    }

    private static void file(HttpExchange exchange, @Nullable String name) throws IOException {
        if (name == null) {
            say(exchange, NOT_FOUND, "there is nothing here; the page is at /");
            return;
        }
        try (InputStream in = Dashboard.class.getResourceAsStream("/dashboard/" + name)) {
            if (in == null) {
                throw new IOException("the program is incomplete: dashboard/" + name + " is missing");
            }
            String type = TYPES.getOrDefault(name.substring(name.lastIndexOf('.') + 1), "application/octet-stream");
            send(exchange, OK, type, in.readAllBytes());
        }
    }

    private void post(HttpExchange exchange, String path, Map<String, String> query) throws IOException {
        if (path.equals("/start")) {
            start(exchange, query);
            return;
        }
        String run = query.getOrDefault("run", "");
        Live live = shelf.live(run);
        if (live == null) {
            say(
                    exchange,
                    NOT_FOUND,
                    "this program does not train run '" + run + "'; pause or stop it where it was started");
            return;
        }
        boolean told;
        switch (path) {
            case "/pause" -> told = live.pause();
            case "/resume" -> told = live.resume();
            case "/stop" -> told = live.stop();
            default -> {
                say(exchange, NOT_FOUND, "expected /start, /pause, /resume or /stop");
                return;
            }
        }
        if (told) {
            say(exchange, ACCEPTED, "told");
        } else {
            say(
                    exchange,
                    CONFLICT,
                    "run '" + run + "' is " + live.phase().name().toLowerCase(Locale.ROOT)
                            + ", so that there is nothing to " + path.substring(1));
        }
    }

    private void start(HttpExchange exchange, Map<String, String> query) throws IOException {
        How how;
        switch (query.getOrDefault("how", "")) {
            case "demo" -> how = How.DEMO;
            case "again" -> how = How.AGAIN;
            case "go-on" -> how = How.GO_ON;
            default -> {
                say(exchange, BAD_REQUEST, "how: expected demo, again or go-on");
                return;
            }
        }
        try {
            say(
                    exchange,
                    ACCEPTED,
                    shelf.start(how, query.getOrDefault("run", "")).name());
        } catch (BadInput | DeviceException refused) {
            say(exchange, CONFLICT, String.valueOf(refused.getMessage()));
        }
    }

    private void events(HttpExchange exchange, String run) throws IOException {
        if (pages.incrementAndGet() > MOST_PAGES) {
            pages.decrementAndGet();
            say(exchange, BUSY, MOST_PAGES + " pages are open; close one of them");
            return;
        }
        try {
            Shown shown;
            try {
                shown = run.isEmpty() ? told -> List.of() : shelf.shown(run);
            } catch (BadInput unknown) {
                say(exchange, NOT_FOUND, String.valueOf(unknown.getMessage()));
                return;
            }
            protect(exchange, "text/event-stream; charset=utf-8");
            exchange.sendResponseHeaders(OK, 0);
            tell(exchange.getResponseBody(), run.isEmpty(), shown);
        } catch (InterruptedException told) {
            Thread.currentThread().interrupt();
        } finally {
            pages.decrementAndGet();
            if (closed && pages.get() == 0) {
                closing.countDown();
            }
        }
    }

    /** Tells a page what is new, until it has gone or the program ends. */
    private void tell(OutputStream out, boolean list, Shown shown) throws IOException, InterruptedException {
        Told told = new Told();
        int quiet = 0;
        while (true) {
            boolean last = closed;
            long heard = shelf.bell().rings();
            StringBuilder text = new StringBuilder();
            if (list) {
                List<Event> runs = new ArrayList<>();
                told.add(runs, shelf.runs());
                runs.forEach(event -> text.append(event.framed()));
            }
            shown.news(told).forEach(event -> text.append(event.framed()));
            if (last) {
                text.append(Event.of("bye", Map.of()).framed());
            } else if (text.isEmpty() && ++quiet == ALIVE_EVERY) {
                text.append(": still here\n\n");
            }
            if (!text.isEmpty()) {
                quiet = 0;
                out.write(text.toString().getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
            if (last) {
                return;
            }
            shelf.bell().await(heard, EVERY_MILLIS);
        }
    }

    /** Tells all pages how it ended, waits a moment for them to hear it, and closes. */
    @Override
    public void close() {
        closed = true;
        shelf.bell().ring();
        try {
            if (pages.get() > 0) {
                var unused = closing.await(EVERY_MILLIS * 2, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException told) {
            Thread.currentThread().interrupt();
        }
        server.stop(0);
        threads.shutdownNow();
    }
}
