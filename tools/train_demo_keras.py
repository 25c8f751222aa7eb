"""Train the article's network on the demo's pictures with Keras, and save it as Keras does.

Makes article.h5, keras.json and keras_expected.npy in the folder demo/ from nothing but the built
program; about a minute on two cores. Run it at the root of the project, with the versions of
tools/requirements-train-keras.txt:

    python tools/train_demo_keras.py
"""

import demo_sets
import keras
import PIL
import tensorflow
from keras.layers import Conv2D, Dense, Flatten, Input, MaxPool2D

EPOCHS = 16
BATCH = 64


def network():
    return keras.Sequential(
        [
            Input((32, 32, 3)),
            Conv2D(32, 3, activation="relu"),
            MaxPool2D(2),
            Conv2D(16, 3, activation="relu"),
            MaxPool2D(2),
            Flatten(),
            Dense(10, activation="softmax"),
        ]
    )


def train(net, images, labels):
    steps = EPOCHS * -(-len(images) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(
        2e-4, steps, warmup_target=5e-3, warmup_steps=steps // 4
    )
    net.compile(keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy")
    net.fit(images, labels, BATCH, EPOCHS, verbose=2)


def main():
    options = demo_sets.arguments("train the demo's network with Keras")
    keras.utils.set_random_seed(1)
    tensorflow.config.experimental.enable_op_determinism()
    net = network()
    pixels, labels = demo_sets.load(options.bitzoo, "train", demo_sets.TRAIN_IMAGES)
    train(net, pixels.astype("float32") / 255, labels)
    pixels, labels = demo_sets.load(options.bitzoo, "test", demo_sets.TEST_IMAGES)
    outputs = net.predict(pixels.astype("float32") / 255, verbose=0)
    options.out.mkdir(exist_ok=True)
    net.save(options.out / "article.h5", include_optimizer=False)
    versions = {
        "keras": keras.__version__,
        "tensorflow": tensorflow.__version__,
        "Pillow": PIL.__version__,
    }
    demo_sets.record(options.out, "keras", versions, pixels, labels, outputs)


main()
