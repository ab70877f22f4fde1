package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real Slurm of one node with two processors: its own controller and node daemon as child processes of the test, with
 * their own configuration, ports and state in a folder, without munge, cgroups or root's services.
 */
final class OneNodeSlurm implements AutoCloseable {

    /** Below Slurm's own default, so that too large an array can be tried. */
    static final int MOST_TASKS = 20;

    /** How long a task that is put back into the queue waits there; two minutes unless a cluster changes it. */
    private static final int REQUEUED_SECONDS = 10;

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Path folder;
    private final List<Process> daemons = new ArrayList<>();

    private OneNodeSlurm(Path folder) {
        this.folder = folder;
    }

    static OneNodeSlurm start(Path folder) throws Exception {
        for (String program : List.of("slurmctld", "slurmd", "sbatch", "scontrol")) {
            assumeTrue(
                    Stream.of((System.getenv("PATH") + ":/usr/sbin:/sbin").split(":", -1))
                            .anyMatch(path -> Files.isExecutable(Path.of(path, program))),
                    "Slurm cannot be started: the program " + program + " is not installed: apt-get install slurm-wlm");
        }
        OneNodeSlurm slurm = new OneNodeSlurm(Files.createDirectories(folder));
        try {
            slurm.begin();
        } catch (Exception | Error e) {
            slurm.close();
            throw e;
        }
        return slurm;
    }

    private void begin() throws Exception {
        String host =
                Files.readString(Path.of("/proc/sys/kernel/hostname")).strip().replaceAll("\\..*", "");
        Files.createDirectories(folder.resolve("state"));
        Files.createDirectories(folder.resolve("spool"));
        try (ServerSocket one = new ServerSocket(0);
                ServerSocket other = new ServerSocket(0)) {
            Files.writeString(conf(), """
                    ClusterName=test
                    SlurmctldHost=HOST(127.0.0.1)
                    SlurmUser=USER
                    SlurmdUser=USER
                    AuthType=auth/none
                    AuthInfo=cred_expire=DELAY
                    CredType=cred/none
                    MpiDefault=none
                    ProctrackType=proctrack/linuxproc
                    TaskPlugin=task/none
                    JobAcctGatherType=jobacct_gather/none
                    AccountingStorageType=accounting_storage/none
                    SelectType=select/cons_tres
                    SelectTypeParameters=CR_Core
                    SchedulerParameters=bf_interval=1
                    SlurmdParameters=config_overrides
                    MaxArraySize=MOST
                    SlurmctldPort=CONTROL
                    SlurmdPort=NODE
                    SlurmctldPidFile=FOLDER/slurmctld.pid
                    SlurmdPidFile=FOLDER/slurmd.pid
                    StateSaveLocation=FOLDER/state
                    SlurmdSpoolDir=FOLDER/spool
                    NodeName=HOST NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
                    PartitionName=main Nodes=HOST Default=YES MaxTime=INFINITE State=UP
                    """.replace("HOST", host)
                    .replace("USER", System.getProperty("user.name"))
                    .replace("DELAY", String.valueOf(REQUEUED_SECONDS))
                    .replace("MOST", String.valueOf(MOST_TASKS))
                    .replace("CONTROL", String.valueOf(one.getLocalPort()))
                    .replace("NODE", String.valueOf(other.getLocalPort()))
                    .replace("FOLDER", folder.toString()));
        }
        daemon("slurmctld", "-D", "-i");
        daemon("slurmd", "-D", "-N", host);
        await("an idle node", () -> said("sinfo", "-h", "-o", "%T").equals("idle"));
    }

    private Path conf() {
        return folder.resolve("slurm.conf");
    }

    /** What tells Slurm's programs which cluster is meant. */
    Map<String, String> environment() {
        return Map.of("SLURM_CONF", conf().toString());
    }

    private void daemon(String... words) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.environment().putAll(environment());
        builder.environment().merge("PATH", ":/usr/sbin:/sbin", String::concat);
        // Java looks for the program in its own path, the daemon for others in the one it is given.
        Path program = Stream.of("/usr/sbin", "/sbin", "/usr/bin")
                .map(path -> Path.of(path, words[0]))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(Path.of(words[0]));
        builder.command().set(0, program.toString());
        Path log = folder.resolve(words[0] + ".log");
        daemons.add(
                builder.redirectErrorStream(true).redirectOutput(log.toFile()).start());
    }

    /** What one of Slurm's programs printed; the empty text if it failed. */
    String said(String... words) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().putAll(environment());
        Process process = builder.start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() == 0 ? text.strip() : "";
    }

    /** Runs one of Slurm's programs that must not fail. */
    void tell(String... words) throws IOException, InterruptedException {
        Path log = Files.createTempFile(folder, words[0], ".log");
        ProcessBuilder builder =
                new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment());
        assertThat(builder.start().waitFor())
                .as("%s: %s", List.of(words), Files.readString(log))
                .isZero();
    }

    /** Something that comes to be. */
    interface Condition {
        boolean holds() throws Exception;
    }

    /** Waits until something holds. */
    void await(String what, Condition condition) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("no " + what + " within " + PATIENCE + "; the daemons say: " + logs());
            }
            Thread.sleep(20);
        }
    }

    /** Waits until no job is left. */
    void awaitEmpty() throws Exception {
        await(
                "empty queue",
                () -> said("squeue", "-h").isEmpty()
                        && !said("sinfo", "-h", "-o", "%T").isEmpty());
    }

    private String logs() throws IOException {
        StringBuilder all = new StringBuilder();
        for (String daemon : List.of("slurmctld", "slurmd")) {
            Path log = folder.resolve(daemon + ".log");
            if (Files.exists(log)) {
                all.append(Files.readString(log));
            }
        }
        return all.toString();
    }

    /** Ends all jobs and both daemons. */
    @Override
    public void close() throws Exception {
        if (!daemons.isEmpty()) {
            var unused = said("scancel", "--signal=KILL", "--full", "--user=" + System.getProperty("user.name"));
        }
        for (Process daemon : daemons.reversed()) {
            daemon.destroy();
            if (!daemon.waitFor(30, TimeUnit.SECONDS)) {
                daemon.destroyForcibly();
                daemon.waitFor();
            }
        }
    }
}
