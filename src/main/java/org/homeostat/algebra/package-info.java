/**
 * What a board in a heat bath can compute, with the board as the solver: linear systems, inverses, determinants, draws from
 * Gaussians, quadratic programmes. Sees nothing but the seam.
 */
@NullMarked
package org.homeostat.algebra;

import org.jspecify.annotations.NullMarked;
