/**
 * What one specimen of a board really does: {@link org.homeostat.calibration.Calibrator} measures it through the seam, {@link
 * org.homeostat.calibration.Calibration} is what was found, {@link org.homeostat.calibration.Calibrated} wears it, {@link
 * org.homeostat.calibration.Drift} compares it with an older one, and {@link org.homeostat.calibration.Fit} finds quantities
 * from many readings at once.
 */
@NullMarked
package org.homeostat.calibration;

import org.jspecify.annotations.NullMarked;
