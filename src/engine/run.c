/* Running a plan: step after step, each in pieces that any thread may do. */
#include "engine/step.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PIECES_PER_THREAD = 4, LARGE_PAGE = 2 << 20 };

/* One step of one image, ready to be done in pieces. */
struct work {
    const struct plan *plan;
    const struct step *step;
    const float *image;
    struct view in, other, out;
    struct conv_split split; /* STEP_CONV */
    int halo;                /* of the output */
    int parts, rows;         /* other steps: a block's rows in `parts` parts of `rows` rows */
};

/* +0 around blocks [first, end) of the output. */
static void clear_halo(const struct work *work, int first, int end)
{
    const struct view *out = &work->out;
    int halo = work->halo;
    size_t side = (size_t)halo * (size_t)out->pixel * sizeof(float);
    for (int block = first; block < end && halo > 0; block++) {
        size_t edge = (size_t)halo * (size_t)out->row * sizeof(float);
        memset(view_at(out, block, -halo, -halo), 0, edge);
        memset(view_at(out, block, out->h, -halo), 0, edge);
        for (int y = 0; y < out->h; y++) {
            memset(view_at(out, block, y, -halo), 0, side);
            memset(view_at(out, block, y, out->w), 0, side);
        }
    }
}

static void rescale_row(const struct step *step, const float *in, float *out, int pixels)
{
    for (int x = 0; x < pixels; x++)
        for (int c = 0; c < 3; c++)
            out[3 * x + c] = in[3 * x + c] * step->scale[c] + step->offset[c];
}

static void run_input(const struct work *work, int first, int end)
{
    const struct view *out = &work->out;
    size_t floats = (size_t)out->w * (size_t)out->pixel;
    for (int y = first; y < end; y++) {
        const float *in = work->image + (size_t)y * floats;
        if (work->step->rescale)
            rescale_row(work->step, in, view_at(out, 0, y, 0), out->w);
        else
            memcpy(view_at(out, 0, y, 0), in, floats * sizeof(float));
    }
}

static void run_rows(const struct work *work, int block, int first, int end)
{
    const struct step *step = work->step;
    const struct window *window = &step->window;
    const struct kernels *kernels = work->plan->kernels;
    struct rows_job job = {
        .in = view_at(&work->in, block, 0, 0),
        .in_row = work->in.row,
        .in_h = work->in.h,
        .in_w = work->in.w,
        .out = view_at(&work->out, block, 0, 0),
        .out_row = work->out.row,
        .out_w = work->out.w,
        .first = first,
        .end = end,
        .kh = window->kh,
        .kw = window->kw,
        .stride_h = window->stride_h,
        .stride_w = window->stride_w,
        .top = window->top,
        .left = window->left,
        .activation = step->activation,
        .count_padding = step->count_padding,
    };
    if (step->op == STEP_DEPTHWISE) {
        job.weights = step->weights + (long)block * window->kh * window->kw * BLOCK;
        job.bias = step->bias + (long)block * BLOCK;
        kernels->depthwise(&job);
    } else if (step->op == STEP_MAXPOOL) {
        kernels->maxpool(&job);
    } else {
        kernels->avgpool(&job);
    }
}

static void run_affine(const struct work *work, int block, int first, int end)
{
    const struct step *step = work->step;
    for (int y = first; y < end; y++) {
        struct affine_job job = {
            .in = view_at(&work->in, block, y, 0),
            .other = step->other.buffer < 0 ? NULL : view_at(&work->other, block, y, 0),
            .out = view_at(&work->out, block, y, 0),
            .pixels = work->out.w,
            .scale = step->norm < 0 ? NULL : step->weights + (long)block * BLOCK,
            .shift = step->norm < 0 ? NULL : step->bias + (long)block * BLOCK,
            .activation = step->activation,
        };
        work->plan->kernels->affine(&job);
    }
}

/* Fill the lanes of an output block that a part of a concatenation has channels for, and those
 * after its last with +0; those before its first belong to the part before. */
static void run_copy(const struct work *work, int block, int first, int end)
{
    const struct step *step = work->step;
    int begin = block * BLOCK - step->shift; /* the channel that lane 0 would take */
    int left = step->in.shape.c - begin;
    int stop = left < BLOCK ? left : BLOCK;
    for (int y = first; y < end; y++) {
        float *out = view_at(&work->out, block, y, 0);
        for (int lane = begin < 0 ? -begin : 0; lane < BLOCK; lane++) {
            int channel = begin + lane;
            const float *in = view_at(&work->in, lane < stop ? channel / BLOCK : 0, y, 0);
            for (int x = 0; x < work->out.w; x++)
                out[x * BLOCK + lane] = lane < stop ? in[x * BLOCK + channel % BLOCK] : 0.0f;
        }
    }
}

/* The first piece of a panel clears the panel's halo. */
static void run_conv(const struct work *work, long piece)
{
    const struct step *step = work->step;
    int panel = (int)(piece % work->split.panels), width = step->conv.panel / BLOCK;
    int end = (panel + 1) * width < work->out.blocks ? (panel + 1) * width : work->out.blocks;
    if (piece < work->split.panels)
        clear_halo(work, panel * width, end);
    conv_run(work->plan->kernels, &step->conv, &work->in,
             step->other.buffer < 0 ? NULL : &work->other, &work->out, &work->split, piece);
}

/* Some rows of one block; the first piece of a block clears the block's halo. */
static void run_block(const struct work *work, long piece)
{
    const struct step *step = work->step;
    int block = (int)(piece / work->parts), first = (int)(piece % work->parts) * work->rows;
    int end = first + work->rows < work->out.h ? first + work->rows : work->out.h;
    if (first == 0)
        clear_halo(work, block, block + 1);
    if (step->op == STEP_INPUT)
        run_input(work, first, end);
    else if (step->op == STEP_AFFINE)
        run_affine(work, block, first, end);
    else if (step->op == STEP_COPY)
        run_copy(work, block, first, end);
    else
        run_rows(work, block, first, end);
}

static void do_piece(void *context, long piece, int thread)
{
    (void)thread;
    const struct work *work = context;
    if (work->step->op == STEP_CONV)
        run_conv(work, piece);
    else
        run_block(work, piece);
}

/* Prepare a step for one image; returns how many pieces it has. */
static long prepare(struct work *work, const struct plan *plan, const struct step *step,
                    float *arena, const float *image, int pieces)
{
    *work = (struct work){.plan = plan, .step = step, .image = image};
    work->out = place_view(plan, &step->out, arena);
    work->halo = plan->buffers[step->out.buffer].halo;
    if (step->op != STEP_INPUT)
        work->in = place_view(plan, &step->in, arena);
    if (step->other.buffer >= 0)
        work->other = place_view(plan, &step->other, arena);
    if (step->op == STEP_CONV) {
        work->split = conv_split(&step->conv, &work->in,
                                 step->other.buffer < 0 ? NULL : &work->other, &work->out, pieces);
        return (long)work->split.panels * work->split.parts;
    }
    int parts = (pieces + work->out.blocks - 1) / work->out.blocks;
    parts = parts < work->out.h ? parts : work->out.h;
    work->rows = (work->out.h + parts - 1) / parts;
    work->parts = (work->out.h + work->rows - 1) / work->rows;
    return (long)work->out.blocks * work->parts;
}

static void finish(const struct plan *plan, float *arena, float *output)
{
    struct view view = place_view(plan, &plan->output, arena);
    int classes = plan->output.shape.c;
    for (int c = 0; c < classes; c++)
        output[c] = view_at(&view, c / BLOCK, 0, 0)[c % BLOCK];
    if (plan->output_kind == OUTPUT_PROBABILITIES)
        softmax_of(output, classes);
    else if (plan->output_kind == OUTPUT_LOG_PROBABILITIES)
        softmax_log(output, classes);
}

/* One image, its steps split over the pool. */
static void run_split(const struct plan *plan, struct pool *pool, float *arena, const float *image,
                      float *output)
{
    int threads = pool_threads(pool);
    for (int s = 0; s < plan->step_count; s++) {
        struct work work;
        long pieces = prepare(&work, plan, &plan->steps[s], arena, image,
                              threads > 1 ? threads * PIECES_PER_THREAD : 1);
        pool_run(pool, do_piece, &work, pieces);
    }
    finish(plan, arena, output);
}

struct batch {
    const struct plan *plan;
    const struct workspace *workspace;
    const float *images;
    float *outputs;
};

/* One image whole, on one thread. */
static void run_image(void *context, long item, int thread)
{
    const struct batch *batch = context;
    const struct plan *plan = batch->plan;
    float *arena = batch->workspace->arenas[thread];
    const float *image = batch->images + item * plan_input_floats(plan);
    for (int s = 0; s < plan->step_count; s++) {
        struct work work;
        long pieces = prepare(&work, plan, &plan->steps[s], arena, image, 1);
        for (long piece = 0; piece < pieces; piece++)
            do_piece(&work, piece, thread);
    }
    finish(plan, arena, batch->outputs + item * plan_classes(plan));
}

void plan_run(const struct plan *plan, struct pool *pool, const struct workspace *workspace,
              const float *images, int count, float *outputs)
{
    int threads = pool_threads(pool);
    int whole = count / threads * threads; /* the rest would keep one thread busy and others idle */
    struct batch batch = {plan, workspace, images, outputs};
    pool_run(pool, run_image, &batch, whole);
    for (int i = whole; i < count; i++)
        run_split(plan, pool, workspace->arenas[0], images + i * plan_input_floats(plan),
                  outputs + (long)i * plan_classes(plan));
}

void workspace_free(struct workspace *workspace)
{
    for (int i = 0; i < workspace->threads; i++)
        free(workspace->arenas[i]);
    free(workspace->arenas);
    *workspace = (struct workspace){0};
}

enum status workspace_reserve(struct workspace *workspace, int threads, const struct plan *plan,
                              struct error *error)
{
    size_t floats = plan_arena_floats(plan);
    if (workspace->threads >= threads && workspace->floats >= floats)
        return OK;
    floats = floats > workspace->floats ? floats : workspace->floats;
    threads = threads > workspace->threads ? threads : workspace->threads;
    workspace_free(workspace);
    workspace->arenas = calloc((size_t)threads, sizeof *workspace->arenas);
    if (!workspace->arenas)
        return error_memory(error, "activations");
    workspace->threads = threads;
    workspace->floats = floats;
    size_t bytes = (floats * sizeof(float) + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
    for (int i = 0; i < threads; i++) {
        workspace->arenas[i] = aligned_alloc(LARGE_PAGE, bytes);
        if (!workspace->arenas[i]) {
            workspace_free(workspace);
            return error_memory(error, "activations");
        }
        madvise(workspace->arenas[i], bytes, MADV_HUGEPAGE);
    }
    return OK;
}
