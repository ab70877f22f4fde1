package org.homeostat.app;

import java.util.List;
import java.util.Map;

/**
 * What a bench came to.
 *
 * @param object machine, configuration and every figure
 * @param lines the tables for people
 */
record Measured(Map<String, Object> object, List<String> lines) {}
