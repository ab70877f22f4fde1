/** Regressions of boards and twins in other people's builds: {@link org.homeostat.junit.TwinTest}, for JUnit 5. */
@NullMarked
package org.homeostat.junit;

import org.jspecify.annotations.NullMarked;
