/* SIGINT, SIGTERM and a closed terminal ask a long command to stop cleanly; a second one ends the
 * program at once. */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <signal.h>

/* Start listening; returns the flag that becomes 1. */
const volatile sig_atomic_t *interrupt_listen(void);

#endif
