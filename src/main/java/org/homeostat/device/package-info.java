/**
 * The seam: what every board, twin and recording is. It depends on nothing else in this project.
 *
 * <p>One question, one answer: a {@link org.homeostat.device.Stimulus} is imposed on a {@link
 * org.homeostat.device.Device}, the device settles, and a {@link org.homeostat.device.Response} comes back. The room has
 * more than a dozen types because it holds the whole vocabulary; all but three of them are plain values.
 */
@NullMarked
package org.homeostat.device;

import org.jspecify.annotations.NullMarked;
