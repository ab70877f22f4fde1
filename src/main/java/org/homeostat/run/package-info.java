/**
 * Runs: a device, a learner, data and a budget, with checkpoints, a journal and a way to go on after a crash.
 */
@NullMarked
package org.homeostat.run;

import org.jspecify.annotations.NullMarked;
