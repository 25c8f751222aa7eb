"""Train the article's network on the demo's pictures with PyTorch, and save it as PyTorch does.

Makes article.pth, pytorch.json and pytorch_expected.npy in the folder demo/ from nothing but the
built program; about a minute on two cores. Run it at the root of the project, with the versions
of tools/requirements-train-pytorch.txt:

    python tools/train_demo_pytorch.py
"""

import demo_sets
import PIL
import torch
import torch.nn.functional as F
from torch import nn

EPOCHS = 16
BATCH = 64


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 32, 3)
        self.conv2 = nn.Conv2d(32, 16, 3)
        self.fc1 = nn.Linear(16 * 6 * 6, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return F.log_softmax(self.fc1(torch.flatten(x, 1)), dim=1)


def tensors(pixels, labels):
    """What torchvision's ToTensor makes of a picture: channels first, 0 to 1."""
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255, torch.from_numpy(labels)


def train(net, images, labels):
    steps = EPOCHS * -(-len(images) // BATCH)
    optimizer = torch.optim.Adam(net.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=5e-3, total_steps=steps)
    for epoch in range(EPOCHS):
        total = 0.0
        for batch in torch.randperm(len(images)).split(BATCH):
            optimizer.zero_grad()
            loss = F.nll_loss(net(images[batch]), labels[batch])
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(batch)
        print(f"epoch {epoch + 1:2}: loss {total / len(images):.4f}", flush=True)


def main():
    options = demo_sets.arguments("train the demo's network with PyTorch")
    torch.manual_seed(1)
    torch.use_deterministic_algorithms(True)
    net = Net()
    train(net, *tensors(*demo_sets.load(options.bitzoo, "train", demo_sets.TRAIN_IMAGES)))
    pixels, labels = demo_sets.load(options.bitzoo, "test", demo_sets.TEST_IMAGES)
    with torch.no_grad():
        outputs = net(tensors(pixels, labels)[0]).numpy()
    options.out.mkdir(exist_ok=True)
    torch.save(net.state_dict(), options.out / "article.pth")
    versions = {"torch": torch.__version__, "Pillow": PIL.__version__}
    demo_sets.record(options.out, "pytorch", versions, pixels, labels, outputs)


main()
