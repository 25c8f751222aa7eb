#include "image/normalise.h"

/* Of ImageNet's training set, for RGB in 0 .. 1 (torchvision and Keras) and BGR in 0 .. 255 (the
 * Caffe models that Keras converted). */
static const float rgb_mean[3] = {0.485f, 0.456f, 0.406f};
static const float rgb_deviation[3] = {0.229f, 0.224f, 0.225f};
static const float bgr_mean[3] = {103.939f, 116.779f, 123.68f};

/* Every step is one operation in float32, rounded, as numpy and torch do them one after another. */
static float normal_value(enum input_mode mode, int channel, int byte)
{
    float value = (float)byte;
    switch (mode) {
    case MODE_TORCHVISION:
    case MODE_TORCH:
        value /= 255.0f;
        value -= rgb_mean[channel];
        return value / rgb_deviation[channel];
    case MODE_CAFFE:
        return value - bgr_mean[channel];
    case MODE_TF:
        value /= 127.5f;
        return value - 1.0f;
    default:
        return value / 255.0f;
    }
}

void normalisation_of(enum input_mode mode, struct normalisation *normalisation)
{
    for (int channel = 0; channel < 3; channel++) {
        normalisation->source[channel] = mode == MODE_CAFFE ? 2 - channel : channel;
        for (int byte = 0; byte < 256; byte++)
            normalisation->value[channel][byte] = normal_value(mode, channel, byte);
    }
}

void normalise(const struct normalisation *normalisation, const uint8_t *pixels, size_t count,
               float *out)
{
    int first = normalisation->source[0], last = normalisation->source[2];
    for (size_t i = 0; i < count; i++, pixels += 3, out += 3) {
        out[0] = normalisation->value[0][pixels[first]];
        out[1] = normalisation->value[1][pixels[1]];
        out[2] = normalisation->value[2][pixels[last]];
    }
}
