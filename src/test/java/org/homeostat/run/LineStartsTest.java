package org.homeostat.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

final class LineStartsTest {

    @Property(tries = 100)
    void whatWasAddedIsThere(
            @ForAll @Size(max = 5000) List<@IntRange(min = 1, max = LineStarts.LONGEST) Integer> lengths) {
        LineStarts starts = new LineStarts();
        long at = 3;
        for (int length : lengths) {
            starts.add(at);
            at += length;
        }

        assertThat(starts.size()).isEqualTo(lengths.size());
        at = 3;
        for (int line = 0; line < lengths.size(); line++) {
            assertThat(starts.at(line)).isEqualTo(at);
            at += lengths.get(line);
        }
    }
}
