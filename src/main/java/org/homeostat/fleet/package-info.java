/** Many boards behind a broker: the edge agent, presence, and its place among the machine's services. */
@NullMarked
package org.homeostat.fleet;

import org.jspecify.annotations.NullMarked;
