/* A hint to the processor that this thread only waits; a platform file. */
#ifndef PAR_PAUSE_H
#define PAR_PAUSE_H

static inline void pause_briefly(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield" ::: "memory");
#endif
}

#endif
