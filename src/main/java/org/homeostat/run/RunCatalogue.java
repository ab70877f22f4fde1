package org.homeostat.run;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.homeostat.run.Observer.Epoch;
import org.jspecify.annotations.Nullable;
import org.sqlite.JDBC;
import org.sqlite.SQLiteJDBCLoader;

/**
 * All runs of a folder in one SQLite file beside them, {@code catalogue.sqlite}, so that thousands of runs are listed without
 * reading thousands of files, and so that other programs can query them.
 *
 * <p>The folders of the runs are the truth. Whoever trains writes only to its own folder and never here; whoever lists
 * compares what each folder looks like now (times, sizes and identities of its two small files) with what the catalogue
 * noted, and reads again what differs. A catalogue that is missing, damaged or of another version is made anew.
 *
 * <p>The file is never changed: a new one is written beside it and takes its name at once. So there are no locks, which
 * network storage is known to lie about; of two who list at the same time the last one's catalogue stays, and what it lacks
 * is found again by the next. Thread rule: any.
 */
public final class RunCatalogue {

    /** The file's name, in the folder of runs. */
    public static final String FILE = "catalogue.sqlite";

    /** Says that the file is ours, in the place that SQLite keeps for that: the letters HSTC. */
    private static final int APPLICATION = 0x48535443;

    private static final int VERSION = 1;

    private static final Duration FORGOTTEN = Duration.ofHours(1);

    private static final String SCHEMA = """
            CREATE TABLE run (run TEXT PRIMARY KEY, looks TEXT NOT NULL) WITHOUT ROWID;
            CREATE TABLE fact (run TEXT NOT NULL, key TEXT NOT NULL, value, PRIMARY KEY (run, key)) WITHOUT ROWID;
            CREATE TABLE epoch (run TEXT NOT NULL, epoch INTEGER NOT NULL, loss REAL, accuracy REAL, rejected INTEGER,
                PRIMARY KEY (run, epoch)) WITHOUT ROWID;
            CREATE VIEW runs AS SELECT run,
                max(CASE key WHEN 'status' THEN value END) AS status,
                max(CASE key WHEN 'created' THEN value END) AS created,
                max(CASE key WHEN 'name' THEN value END) AS experiment,
                max(CASE key WHEN 'device' THEN value END) AS device,
                max(CASE key WHEN 'learner' THEN value END) AS learner,
                max(CASE key WHEN 'seed' THEN value END) AS seed,
                max(CASE key WHEN 'epochsTaught' THEN value END) AS epochs,
                max(CASE key WHEN 'exchanges' THEN value END) AS exchanges,
                max(CASE key WHEN 'train.loss' THEN value END) AS train_loss,
                max(CASE key WHEN 'train.accuracy' THEN value END) AS train_accuracy,
                max(CASE key WHEN 'test.loss' THEN value END) AS test_loss,
                max(CASE key WHEN 'test.accuracy' THEN value END) AS test_accuracy,
                max(CASE key WHEN 'test.r2' THEN value END) AS test_r2
                FROM fact GROUP BY run;
            """;

    private final RunStore store;
    private final Path file;
    private final Consumer<String> say;

    /**
     * @param say told one sentence when the catalogue had to be made anew, or could not be used
     */
    RunCatalogue(RunStore store, Path folder, Consumer<String> say) {
        this.store = store;
        this.say = say;
        file = folder.resolve(FILE);
    }

    /** What a run's folder looked like, and what was in it. */
    private record Noted(String looks, Facts facts) {}

    /** A catalogue that cannot be used; the message says why, in a few words. */
    private static final class UnusableException extends Exception {
        private static final long serialVersionUID = 1L;

        UnusableException(String why, @Nullable Throwable cause) {
            super(why, cause);
        }
    }

    /** All runs as they are now, oldest first. */
    public List<Facts> list() {
        List<RunFolder> folders = store.list();
        Map<String, Noted> before = Map.of();
        String trouble = null;
        if (!folders.isEmpty() && Files.exists(file)) {
            try {
                before = read();
            } catch (UnusableException e) {
                trouble = e.getMessage();
            }
        } else if (folders.isEmpty() && !Files.exists(file)) {
            return List.of();
        }
        Map<String, Noted> now = new LinkedHashMap<>();
        boolean same = trouble == null && Files.exists(file);
        for (RunFolder folder : folders) {
            String looks = looks(folder);
            Noted noted = before.get(folder.name());
            if (noted == null || !noted.looks.equals(looks)) {
                noted = new Noted(looks, Facts.of(folder));
                same = false;
            }
            now.put(folder.name(), noted);
        }
        if (!same || now.size() != before.size()) {
            write(now, before, trouble);
        }
        return now.values().stream().map(Noted::facts).toList();
    }

    /** What changes whenever a run writes down something that is listed. */
    private static String looks(RunFolder folder) {
        return looks(folder.path().resolve("run.json")) + " " + looks(folder.epochs());
    }

    private static String looks(Path path) {
        try {
            BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class);
            return file.lastModifiedTime().to(TimeUnit.NANOSECONDS) + ":" + file.size() + ":"
                    + Objects.requireNonNullElse(file.fileKey(), "");
        } catch (IOException absent) {
            return "-";
        }
    }

    private static Connection open(Path path, String mode) throws UnusableException, SQLException {
        requireLibrary();
        return Objects.requireNonNull(JDBC.createConnection(
                "jdbc:sqlite:file:" + path.toAbsolutePath().toUri().getRawPath() + mode, new Properties()));
    }

    private static void requireLibrary() throws UnusableException {
        Throwable cause = null;
        try {
            if (SQLiteJDBCLoader.initialize()) {
                return;
            }
        } catch (Exception | LinkageError e) {
            cause = e;
        }
        throw new UnusableException(
                "SQLite's native library cannot be loaded, likely because programs may not run from "
                        + System.getProperty("org.sqlite.tmpdir", System.getProperty("java.io.tmpdir"))
                        + "; name a folder where they may with HOMEOSTAT_JAVA_OPTIONS=-Dorg.sqlite.tmpdir=FOLDER",
                cause);
    }

    private Map<String, Noted> read() throws UnusableException {
        Map<String, String> looks = new LinkedHashMap<>();
        Map<String, TreeMap<String, Object>> values = new HashMap<>();
        Map<String, List<Epoch>> epochs = new HashMap<>();
        // Immutable: nobody ever changes this file, so that nothing is locked and no journal is looked for.
        try (Connection connection = open(file, "?mode=ro&immutable=1");
                Statement ask = connection.createStatement()) {
            require(ask);
            try (ResultSet rows = ask.executeQuery("SELECT run, looks FROM run")) {
                while (rows.next()) {
                    looks.put(rows.getString(1), rows.getString(2));
                }
            }
            try (ResultSet rows = ask.executeQuery("SELECT run, key, value FROM fact")) {
                while (rows.next()) {
                    Object value = rows.getObject(3);
                    values.computeIfAbsent(rows.getString(1), fresh -> new TreeMap<>())
                            .put(
                                    rows.getString(2),
                                    value instanceof Integer small ? (Object) small.longValue() : value);
                }
            }
            try (ResultSet rows =
                    ask.executeQuery("SELECT run, epoch, loss, accuracy, rejected FROM epoch ORDER BY run, epoch")) {
                while (rows.next()) {
                    epochs.computeIfAbsent(rows.getString(1), fresh -> new ArrayList<>())
                            .add(new Epoch(rows.getInt(2), number(rows, 3), number(rows, 4), rows.getInt(5)));
                }
            }
        } catch (SQLException e) {
            throw new UnusableException(
                    "it is damaged (" + String.valueOf(e.getMessage()).replaceAll("\\s+", " ") + ")", e);
        }
        Map<String, Noted> all = new LinkedHashMap<>();
        looks.forEach((run, look) -> all.put(
                run,
                new Noted(
                        look,
                        new Facts(
                                run, values.getOrDefault(run, new TreeMap<>()), epochs.getOrDefault(run, List.of())))));
        return all;
    }

    private static void require(Statement ask) throws SQLException, UnusableException {
        int application;
        int version;
        try (ResultSet row = ask.executeQuery("PRAGMA application_id")) {
            application = row.getInt(1);
        }
        try (ResultSet row = ask.executeQuery("PRAGMA user_version")) {
            version = row.getInt(1);
        }
        if (application != APPLICATION || version != VERSION) {
            throw new UnusableException("it was written by another program, or another version of this one", null);
        }
        try (ResultSet row = ask.executeQuery("PRAGMA quick_check(1)")) {
            if (!"ok".equals(row.getString(1))) {
                throw new UnusableException("it is damaged (" + row.getString(1).replaceAll("\\s+", " ") + ")", null);
            }
        }
    }

    private static double number(ResultSet rows, int column) throws SQLException {
        double number = rows.getDouble(column);
        return rows.wasNull() ? Double.NaN : number;
    }

    /**
     * Puts a new catalogue in the place of the old one. That it could not be written costs time the next time, nothing else.
     *
     * @param trouble what is wrong with the old one; null for nothing
     */
    private void write(Map<String, Noted> now, Map<String, Noted> before, @Nullable String trouble) {
        boolean anew = trouble != null || !Files.exists(file);
        Path fresh = file.resolveSibling(FILE + "." + ProcessHandle.current().pid() + "-" + System.nanoTime() + ".new");
        try {
            try {
                if (!anew) {
                    Files.copy(file, fresh);
                }
                try (Connection connection = open(fresh, "?mode=rwc")) {
                    try (Statement tell = connection.createStatement()) {
                        // Until it has its name nobody needs it, and killed meanwhile it is thrown away.
                        tell.execute("PRAGMA journal_mode = OFF");
                        tell.execute("PRAGMA synchronous = OFF");
                        if (anew) {
                            tell.execute("PRAGMA application_id = " + APPLICATION);
                            tell.execute("PRAGMA user_version = " + VERSION);
                        }
                        connection.setAutoCommit(false);
                        if (anew) {
                            tell.executeUpdate(SCHEMA);
                        }
                    }
                    change(connection, now, anew ? Map.of() : before);
                    connection.commit();
                }
                try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                    channel.force(true);
                }
                Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                removeForgotten();
            } finally {
                Files.deleteIfExists(fresh);
            }
            if (anew) {
                say.accept(file + ": "
                        + (trouble == null ? "there was no catalogue of the runs" : trouble)
                        + "; made anew from " + now.size() + (now.size() == 1 ? " run" : " runs"));
            }
        } catch (UnusableException e) {
            say.accept(file + ": the runs are listed without their catalogue; " + e.getMessage());
        } catch (SQLException | IOException e) {
            say.accept(file + ": the runs are listed without their catalogue, which could not be written (" + e
                    + "); let this folder be written to if thousands of runs take long to list");
        }
    }

    /** What someone left behind who was killed while writing; younger ones may still be written. */
    private void removeForgotten() throws IOException {
        FileTime old = FileTime.from(Instant.now().minus(FORGOTTEN));
        try (DirectoryStream<Path> left =
                Files.newDirectoryStream(file.toAbsolutePath().getParent(), FILE + ".*.new")) {
            for (Path one : left) {
                if (Files.getLastModifiedTime(one).compareTo(old) < 0) {
                    Files.deleteIfExists(one);
                }
            }
        }
    }

    private static void change(Connection connection, Map<String, Noted> now, Map<String, Noted> before)
            throws SQLException {
        try (PreparedStatement noRun = connection.prepareStatement("DELETE FROM run WHERE run = ?");
                PreparedStatement noFacts = connection.prepareStatement("DELETE FROM fact WHERE run = ?");
                PreparedStatement noEpochs = connection.prepareStatement("DELETE FROM epoch WHERE run = ?");
                PreparedStatement run = connection.prepareStatement("INSERT INTO run VALUES (?, ?)");
                PreparedStatement fact = connection.prepareStatement("INSERT INTO fact VALUES (?, ?, ?)");
                PreparedStatement epoch = connection.prepareStatement("INSERT INTO epoch VALUES (?, ?, ?, ?, ?)")) {
            for (Map.Entry<String, Noted> old : before.entrySet()) {
                if (!old.getValue().equals(now.get(old.getKey()))) {
                    for (PreparedStatement gone : List.of(noRun, noFacts, noEpochs)) {
                        gone.setString(1, old.getKey());
                        gone.executeUpdate();
                    }
                }
            }
            for (Map.Entry<String, Noted> one : now.entrySet()) {
                Noted noted = one.getValue();
                if (noted.equals(before.get(one.getKey()))) {
                    continue;
                }
                run.setString(1, one.getKey());
                run.setString(2, noted.looks);
                run.executeUpdate();
                for (Map.Entry<String, Object> value : noted.facts.values().entrySet()) {
                    fact.setString(1, one.getKey());
                    fact.setString(2, value.getKey());
                    fact.setObject(3, value.getValue());
                    fact.executeUpdate();
                }
                for (Epoch taught : noted.facts.epochs()) {
                    epoch.setString(1, one.getKey());
                    epoch.setInt(2, taught.number());
                    set(epoch, 3, taught.loss());
                    set(epoch, 4, taught.accuracy());
                    epoch.setInt(5, taught.rejected());
                    epoch.executeUpdate();
                }
            }
        }
    }

    private static void set(PreparedStatement row, int column, double number) throws SQLException {
        if (Double.isNaN(number)) {
            row.setNull(column, Types.REAL);
        } else {
            row.setDouble(column, number);
        }
    }
}
