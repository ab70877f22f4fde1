package org.homeostat.dashboard;

import java.util.List;

/** A run that pages can look at. Any thread may ask. */
interface Shown {

    /** What a page does not know yet, in the order in which it should be told; {@code told} then knows it. */
    List<Event> news(Told told);
}
