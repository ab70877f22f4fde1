/** The command line. */
@NullMarked
package org.homeostat.app;

import org.jspecify.annotations.NullMarked;
