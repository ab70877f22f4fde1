package org.homeostat.dashboard;

/**
 * Somebody stopped the run while it was in a step that takes long: the step was broken off between two exchanges. What
 * is on disk is what a crash at this moment would leave, so the run can be taken up from its checkpoint.
 */
public final class MidStepException extends RuntimeException {

    private static final long serialVersionUID = 1;

    MidStepException() {
        super("stopped on request in the middle of a step; taken up again, it goes on from the checkpoint before");
    }
}
