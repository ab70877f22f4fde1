/**
 * A run for other programs: its epochs, its parameters over time and its exchanges as CSV, JSON Lines, HDF5, or the documents
 * of bluesky's event model. It reads what the run stored and changes nothing there.
 *
 * <p>Names are the same in every format. What was imposed on channel {@code x1} is {@code set_x1}, what an output was pulled
 * towards {@code target_o1}, what was read {@code o1}, its standard error {@code o1_error}. Where nothing was said of a channel
 * there is nothing: an empty cell, null, NaN. Levels are in SI units.
 */
@NullMarked
package org.homeostat.export;

import org.jspecify.annotations.NullMarked;
