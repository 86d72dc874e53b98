/* job.c - work off the loop: handed out with a copied input, taken back with a result. */
#include "core/core_priv.h"

void core_job_run(struct core_job *job)
{
    job->run(job);
}

void core_job_done(struct core *core, struct core_job *job, int64_t now_us)
{
    arena_reset(&core->arena);
    job->done(core, job, now_us);
}

bool core_job_start(struct core *core, struct core_job *job, int64_t now_us)
{
    (void)now_us;
    return core->options.calls.run(core->options.ctx, job) == OK;
}
