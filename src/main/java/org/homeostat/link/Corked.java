package org.homeostat.link;

import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;

/**
 * A connected socket that keeps what is written until something is to be read, or it is uncorked. Below a TLS handshake it has
 * all that belongs together arrive at once: a far end that refuses our certificate hangs up as soon as it has seen it, and if
 * we were still writing, Java would tell of a broken pipe and never of the reason that was given. Thread rule: one caller until it is
 * uncorked, then as a socket.
 */
final class Corked extends Socket {

    private final Socket carrier;
    private final InputStream from;
    private final OutputStream to;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private volatile boolean open;

    Corked(Socket carrier) throws IOException {
        this.carrier = carrier;
        to = carrier.getOutputStream();
        from = new FilterInputStream(carrier.getInputStream()) {
            @Override
            public int read() throws IOException {
                pour();
                return super.read();
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                pour();
                return super.read(into, offset, length);
            }
        };
    }

    /** From now on it keeps nothing. */
    void uncork() throws IOException {
        pour();
        open = true;
    }

    private void pour() throws IOException {
        if (!open && kept.size() > 0) {
            byte[] bytes = kept.toByteArray();
            kept.reset();
            to.write(bytes);
        }
    }

    @Override
    public InputStream getInputStream() {
        return from;
    }

    @Override
    public OutputStream getOutputStream() {
        return new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                write(new byte[] {(byte) value}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                if (open) {
                    to.write(bytes, offset, length);
                } else {
                    kept.write(bytes, offset, length);
                }
            }
        };
    }

    @Override
    public boolean isConnected() {
        return carrier.isConnected();
    }

    @Override
    public boolean isClosed() {
        return carrier.isClosed();
    }

    @Override
    public boolean isInputShutdown() {
        return carrier.isInputShutdown();
    }

    @Override
    public boolean isOutputShutdown() {
        return carrier.isOutputShutdown();
    }

    @Override
    public InetAddress getInetAddress() {
        return carrier.getInetAddress();
    }

    @Override
    public int getPort() {
        return carrier.getPort();
    }

    @Override
    public int getSoLinger() throws SocketException {
        return carrier.getSoLinger();
    }

    @Override
    public int getSoTimeout() throws SocketException {
        return carrier.getSoTimeout();
    }

    @Override
    public void setSoTimeout(int millis) throws SocketException {
        carrier.setSoTimeout(millis);
    }

    @Override
    public void shutdownInput() throws IOException {
        carrier.shutdownInput();
    }

    @Override
    public void shutdownOutput() throws IOException {
        carrier.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        carrier.close();
    }
}
