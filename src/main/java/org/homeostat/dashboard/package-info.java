/**
 * The live page: what a run looks like while it goes on, and afterwards. The JDK's own HTTP server, server-sent events, one
 * page without a build step.
 *
 * <p>What a page may ask for:
 *
 * <ul>
 *   <li>{@code GET /}: the page; {@code ?run=NAME} shows a run, without it the folder of runs.
 *   <li>{@code GET /events}: a stream of the event {@code runs}; with {@code ?run=NAME} of all the others.
 *   <li>{@code POST /pause}, {@code /resume}, {@code /stop} with {@code ?run=NAME}: 202 once the run was told, 409 if
 *       there is nothing to tell. What came of it is told by the event {@code state}.
 *   <li>{@code POST /start}: {@code ?how=demo}, or {@code ?how=again&run=NAME}, or {@code ?how=go-on&run=NAME}: 202
 *       with the name of the run.
 * </ul>
 *
 * <p>Where the server is bound to more than this computer every request for data carries {@code token=...}. Otherwise
 * the header {@code Host} must name this computer, so that no page of the world reaches it under a name of its own; a
 * POST comes from the page itself ({@link org.homeostat.dashboard.Gate}).
 *
 * <p>What a page is told, each event one JSON object. A number that is none is null. Fields may be added.
 *
 * <ul>
 *   <li>{@code runs}: {@code {runs: [{run, status, remark, device, learner, epochs, of, loss, accuracy, created, live,
 *       resumable}], folder, start}}; oldest first; {@code live} if this program trains it, so that it can be stopped
 *       from here; {@code start} if runs can be started from here.
 *   <li>{@code hello}: {@code {run, experiment, device, board, firmware, learner, seed, epochs, live, channels: [{name,
 *       role, unit}], parameters: {count, unit, names}, lossUnit}}; first, and again when something in it has changed.
 *       {@code channels} are those of {@code traces}, in order; {@code names} is empty beyond 1,024 parameters.
 *   <li>{@code state}: {@code {phase, sentence, safe, stopMillis}}; {@code phase} as {@link
 *       org.homeostat.dashboard.Live.Phase}, in small letters; {@code safe} once the device has confirmed its safe
 *       levels, {@code stopMillis} how long after the request it did.
 *   <li>{@code progress}: {@code {epoch, epochs, row, rows, part, loss, exchanges, exchangesPerSecond, seconds,
 *       secondsLeft}}; {@code part} of the whole run, 0 to 1; {@code loss} of the epoch under way so far; both times
 *       without pauses.
 *   <li>{@code epochs}: {@code {from, loss: [], accuracy: [], rejected: []}}; the epochs from number {@code from} on.
 *   <li>{@code traces}: {@code {count, stride, from, channels, low, high}}; columns of {@code stride} exchanges each,
 *       from column {@code from} on, which replace whatever the page knew from there on; {@code low} and {@code high}
 *       are base64 of little-endian 32-bit floats, column by column, a float a channel: the least and the largest level
 *       within the column. NaN where nothing was read.
 *   <li>{@code parameters}: {@code {count, cells, min, max, levels}}; {@code levels} is base64 of a byte a cell, 0 for
 *       {@code min} and 255 for {@code max}; beyond 4,096 parameters a cell is the mean of a stretch of them.
 *   <li>{@code health}: {@code {findings: [{what, state, sentence}]}}; {@code state} is {@code ok}, {@code warn} or
 *       {@code unknown}; one on the calibration only where the device wears one.
 *   <li>{@code bye}: {@code {}}; the program ends, nothing more will come.
 * </ul>
 *
 * <p>Nothing here makes the training wait: the thread that trains writes into columns of fixed size and fields; each
 * page has a thread of its own which takes what is new when its page is ready for it, and leaves out what it was too
 * slow for.
 */
@NullMarked
package org.homeostat.dashboard;

import org.jspecify.annotations.NullMarked;
