/* One small network for 32 x 32 pictures of ten classes, spelt twice: as a Keras Sequential and as
 * a PyTorch module. Both build the same graph of 11,290 parameters:
 * 3*3*3*32+32 = 896, 3*3*32*16+16 = 4,624 and 6*6*16*10+10 = 5,770. */
#include "net/builder.h"
#include "net/keras.h"
#include "zoo/families.h"

/* model = Sequential([...]) */
static tensor article_keras(tensor x)
{
    return Sequential(x,                                 /* output      32 x 32 x  3 */
                      Conv2D(32, 3, .activation = RELU), /*             30 x 30 x 32 */
                      MaxPool2D(2),                      /*             15 x 15 x 32 */
                      Conv2D(16, 3, .activation = RELU), /*             13 x 13 x 16 */
                      MaxPool2D(2),                      /*              6 x  6 x 16 */
                      Flatten(),                         /*                      576 */
                      Dense(10, .activation = SOFTMAX)); /*                       10 */
}

/* class Net(nn.Module): conv1, conv2 and fc1 are its attributes; this is its forward(self, x). */
static tensor article_pytorch(tensor x)
{
    x = relu(conv(x, "conv1", 32, 3));
    x = maxpool(x, 2);
    x = relu(conv(x, "conv2", 16, 3));
    x = maxpool(x, 2);
    x = linear(flatten(x), "fc1", 10);
    return log_softmax(x);
}

#define PIXELS_AS_THEY_ARE                                                                         \
    {                                                                                              \
        .fit = FIT_SQUASH, .side = 32, .filter = FILTER_NEAREST, .mode = MODE_UNIT                 \
    }

const struct model article_models[] = {
    {
        .name = "article",
        .framework = KERAS,
        .build = article_keras,
        .classes = 10,
        .official = PIXELS_AS_THEY_ARE,
        .reference = PIXELS_AS_THEY_ARE,
    },
    {
        .name = "article",
        .framework = PYTORCH,
        .build = article_pytorch,
        .classes = 10,
        .official = PIXELS_AS_THEY_ARE,
        .reference = PIXELS_AS_THEY_ARE,
    },
    {0},
};
