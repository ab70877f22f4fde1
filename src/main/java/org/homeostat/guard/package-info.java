/**
 * Safety limits on the host: {@link org.homeostat.guard.Guarded} refuses what lies outside an envelope and walks where a
 * jump would be too fast. The firmware enforces its own limits again.
 */
@NullMarked
package org.homeostat.guard;

import org.jspecify.annotations.NullMarked;
