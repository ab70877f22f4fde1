/**
 * Learners. They see devices only through the seam: what they may know of a board is its card and its answers.
 */
@NullMarked
package org.homeostat.learn;

import org.jspecify.annotations.NullMarked;
