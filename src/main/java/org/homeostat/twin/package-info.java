/**
 * Simulated boards: physics behind a front end of converters, with the imperfections of one specimen. A twin runs in
 * virtual time, never sleeps, and is reproducible bit for bit from its seed.
 */
@NullMarked
package org.homeostat.twin;

import org.jspecify.annotations.NullMarked;
