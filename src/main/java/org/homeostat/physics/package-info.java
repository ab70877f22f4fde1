/**
 * Energies and the states that minimise them: pure mathematics. It knows no device, no converter and no noise. One class
 * a system of the literature.
 */
@NullMarked
package org.homeostat.physics;

import org.jspecify.annotations.NullMarked;
