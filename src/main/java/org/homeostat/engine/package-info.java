/**
 * Layered networks of tens of thousands of units, many lanes at a time, in single precision: matrix products, relaxation,
 * and learning in place. Pure mathematics; knows no device.
 */
@NullMarked
package org.homeostat.engine;

import org.jspecify.annotations.NullMarked;
