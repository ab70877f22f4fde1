package org.homeostat.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Arrays;
import java.util.Random;
import org.homeostat.run.Rows;
import org.junit.jupiter.api.Test;

/** What all rows keep, wherever they are. */
public interface RowsContract {

    /**
     * Rows that read as these, each of them three numbers from 0 to 1 in steps of 1/255.
     *
     * @param wanted two rows or more
     */
    Rows rows(double[][] wanted);

    private static double[][] drawn(int count) {
        Random random = new Random(4);
        double[][] rows = new double[count][3];
        for (double[] row : rows) {
            Arrays.setAll(row, i -> random.nextInt(256) / 255.0);
        }
        return rows;
    }

    @Test
    default void everyRowIsReadAsItIsInWhateverOrder() {
        double[][] wanted = drawn(3000);
        Rows rows = rows(wanted);

        assertThat(rows.size()).isEqualTo(3000);
        assertThat(rows.width()).isEqualTo(3);
        assertThat(rows.all()).isEqualTo(wanted);
        Random order = new Random(5);
        for (int i = 0; i < 5000; i++) {
            int row = order.nextInt(3000);
            assertThat(rows.row(row)).containsExactly(wanted[row]);
        }
    }

    @Test
    default void whatLiesBehindTheRowIsLeftAlone() {
        double[][] wanted = drawn(2);
        double[] into = {7, 7, 7, 7, 7};

        rows(wanted).read(1, into);

        assertThat(into).containsExactly(wanted[1][0], wanted[1][1], wanted[1][2], 7, 7);
    }

    @Test
    default void someRowsOfSomeRowsAreThoseRows() {
        double[][] wanted = drawn(5);
        Rows some = rows(wanted).only(new int[] {4, 0, 0, 2});

        assertThat(some.all()).isEqualTo(new double[][] {wanted[4], wanted[0], wanted[0], wanted[2]});
        assertThat(some.only(new int[] {3, 0}).all()).isEqualTo(new double[][] {wanted[2], wanted[4]});
        assertThat(some.only(new int[0]).size()).isZero();
        some.requireUnchanged();
    }

    @Test
    default void rowsThatAreNotThereAreRefused() {
        Rows rows = rows(drawn(2));
        Rows one = rows.only(new int[] {1});

        for (int row : new int[] {-1, 2}) {
            assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> rows.row(row));
            assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> rows.only(new int[] {row}));
            assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> one.only(new int[] {row}));
        }
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> one.row(1));
    }
}
