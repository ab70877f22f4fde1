package org.homeostat.fleet;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.homeostat.board.BoardDevice;
import org.homeostat.catalog.Catalog;
import org.homeostat.fixtures.Noted;
import org.homeostat.link.Broker;
import org.homeostat.link.Link;
import org.homeostat.link.MqttLink;
import org.homeostat.run.RunStore;

/** A twin that writes down what it executes, and an agent that offers it. */
final class Bench implements AutoCloseable {

    /** As a device's URI has it by default. */
    static final BoardDevice.Settings SETTINGS =
            new BoardDevice.Settings(Duration.ofSeconds(2), BoardDevice.Settings.USUAL.greeting());

    private static final Duration SOON = Duration.ofSeconds(30);

    private final Broker broker;
    private final String name;
    private final Path state;
    private final Noted noted;
    private final Hosted hosted;
    private final List<String> news = new ArrayList<>();
    private Agent agent;

    Bench(Broker broker, String name, Path folder) throws IOException, InterruptedException {
        this.broker = broker;
        this.name = name;
        this.state = folder.resolve("state");
        noted = new Noted(
                new Catalog(new RunStore(folder)).open("twin:resistor-array-v1").device());
        hosted = new Hosted("twin:" + name, noted);
        begin();
    }

    /** Starts the agent, and waits until it offers the twin. */
    void begin() throws IOException, InterruptedException {
        agent = Agent.start(broker, new Agent.Offer(name, "twin:" + name, hosted, "test"), state, this::say);
        if (!agent.offered(SOON)) {
            throw new AssertionError("the agent did not reach " + broker + ": " + news());
        }
    }

    private void say(String sentence) {
        synchronized (news) {
            news.add(sentence);
        }
    }

    /** What the agent said so far. */
    List<String> news() {
        synchronized (news) {
            return List.copyOf(news);
        }
    }

    Agent agent() {
        return agent;
    }

    String name() {
        return name;
    }

    /** What was really executed. */
    Noted truth() {
        return noted;
    }

    Link.Opener opener(String holder) {
        return MqttLink.opener(broker, name, holder);
    }

    /** The board as a controller sees it, not armed yet. */
    BoardDevice board(String holder) {
        return BoardDevice.open(broker + "/" + name, opener(holder), SETTINGS);
    }

    @Override
    public void close() {
        agent.close();
        hosted.close();
    }
}
