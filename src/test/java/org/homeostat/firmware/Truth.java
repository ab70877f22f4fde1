package org.homeostat.firmware;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The truth socket of an emulated bench, described in {@code sim/lab/README.md}. May be asked from any thread. */
public final class Truth implements AutoCloseable {

    private final SocketChannel channel;
    private final BufferedReader answers;

    private Truth(SocketChannel channel) {
        this.channel = channel;
        answers = new BufferedReader(Channels.newReader(channel, StandardCharsets.US_ASCII));
    }

    static Truth at(Path socket) {
        try {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.connect(UnixDomainSocketAddress.of(socket));
            return new Truth(channel);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Asks or orders something; returns the words of the answer. */
    public synchronized List<String> ask(String line) {
        try {
            ByteBuffer bytes = StandardCharsets.US_ASCII.encode(line + "\n");
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            String answer = answers.readLine();
            if (answer == null || !answer.startsWith("ok")) {
                throw new AssertionError("the bench was asked '" + line + "' and said " + answer);
            }
            String rest = answer.substring(2).trim();
            return rest.isEmpty() ? List.of() : List.of(rest.split(" "));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Map<String, Long> named(String line) {
        Map<String, Long> named = new LinkedHashMap<>();
        for (String word : ask(line)) {
            int equals = word.indexOf('=');
            named.put(word.substring(0, equals), Long.parseLong(word.substring(equals + 1)));
        }
        return named;
    }

    /** Times, bytes, resets and faults, by name. */
    public Map<String, Long> counters() {
        return named("counters");
    }

    /** How often each limit of a data sheet was broken, by name. */
    public Map<String, Long> flags() {
        return named("flags");
    }

    /** The codes at which the potentiometers really stand. */
    public int[] potentiometers() {
        return ask("pots").stream().mapToInt(Integer::parseInt).toArray();
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
