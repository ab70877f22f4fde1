/**
 * The only room that knows YAML and the folders of knowledge about boards and twins. It opens devices by their URI and
 * dresses them for a learner.
 */
@NullMarked
package org.homeostat.catalog;

import org.jspecify.annotations.NullMarked;
