package org.homeostat.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.homeostat.shadow.Tolerance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test on a twin or a board, for JUnit 5.
 *
 * <p>With {@link #run} it asks a device again all that a stored run asked its own, before the method is called, and fails with
 * the sentence of {@link org.homeostat.shadow.Regression} where an answer is another. Keep the run's folder in your project:
 *
 * <pre>{@code
 * @TwinTest(run = "src/test/regressions/iris")
 * void theTwinIsWhatItWas() {}
 *
 * @TwinTest(run = "src/test/regressions/iris", device = "serial:/dev/ttyACM0", steps = 2, errors = 5)
 * void theBoardHasNotDrifted(Regression again) {
 *     assertTrue(again.divergence().channels().getFirst().rms() < 2e-3);
 * }
 * }</pre>
 *
 * <p>With {@link #device} alone it opens the device, fresh, for a parameter of type {@link org.homeostat.device.Device}, and
 * closes it when the method has ended:
 *
 * <pre>{@code
 * @TwinTest(device = "twin:resistor-array-v1?seed=7")
 * void answers(Device board) { ... }
 * }</pre>
 *
 * <p>Where neither {@link #steps}, {@link #errors} nor {@link #range} is set, a twin must answer bit for bit, and a board
 * within {@link Tolerance#MEASURED}.
 */
@Documented
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Test
@ExtendWith(OnTwin.class)
public @interface TwinTest {

    /** The folder of a stored run that kept its journal, from where the tests are run; empty for none. */
    String run() default "";

    /** The URI of the device; empty for that of the run. */
    String device() default "";

    /** How many steps of a channel's converter answers may lie apart. */
    double steps() default 0;

    /** How many standard errors they may, where the devices know theirs. */
    double errors() default 0;

    /** How large a part of a channel's range they may. */
    double range() default 0;

    /** How long one exchange may take, in seconds. */
    double seconds() default 10;
}
