/**
 * Circuits as lists of elements, and the solvers of their operating points, each answer with a certificate. Pure mathematics
 * and the text of netlists; knows no device.
 */
@NullMarked
package org.homeostat.circuit;

import org.jspecify.annotations.NullMarked;
