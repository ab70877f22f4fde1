/**
 * Wrappers that give a device what its hardware lacks, so that every dressed device can hold its parameters and let them
 * go: {@link org.homeostat.control.Homeostatic} for parameters that move under force, {@link
 * org.homeostat.control.Compliant} for parameters set by codes, {@link org.homeostat.control.Gauged} for forces that must
 * be worked out from readings. And boards that lack lanes have them together: {@link org.homeostat.control.Joined}.
 */
@NullMarked
package org.homeostat.control;

import org.jspecify.annotations.NullMarked;
