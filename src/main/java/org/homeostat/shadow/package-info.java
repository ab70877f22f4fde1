/**
 * Two devices asked the same: {@link org.homeostat.shadow.Shadowed} asks a twin beside a board while it works, {@link
 * org.homeostat.shadow.Regression} asks a device again what a journal says was asked, and {@link
 * org.homeostat.shadow.Divergence} tells how far the answers lie apart.
 */
@NullMarked
package org.homeostat.shadow;

import org.jspecify.annotations.NullMarked;
