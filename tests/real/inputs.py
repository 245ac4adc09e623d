"""What the networks are shown: photographs, and speech where espeak-ng is installed."""
import functools
import pathlib
import shutil
import subprocess
import tempfile
import wave

import numpy as np
from PIL import Image
import pymicro_features

PICTURES = ["astronaut.png", "coffee.png", "chelsea.png", "china.jpg", "flower.jpg"]
FACE = (165, 40, 295, 190)  # of the astronaut: what the networks for faces are made for


def pictures(cache, shape, low, high):
    """Each photograph as one input: its middle, in the input's size, with black and white at low and high."""
    _, height, width, _ = shape
    images = [Image.open(next(cache.glob(f"*/{name}"))).convert("RGB") for name in PICTURES]
    images.append(images[0].crop(FACE))
    scaled = [np.asarray(middle(image, width / height).resize((width, height), Image.BILINEAR)) for image in images]
    return (np.stack(scaled)[:, None] * ((high - low) / 255) + low).astype(np.float32)


def middle(image, aspect):
    width, height = min(image.width, image.height * aspect), min(image.height, image.width / aspect)
    left, top = (image.width - width) / 2, (image.height - height) / 2
    return image.crop((round(left), round(top), round(left + width), round(top + height)))


@functools.cache
def sound(text, rate, seconds):
    """Samples in [-1, 1]: the text spoken again and again, or a made-up sound, over a little noise."""
    count = int(rate * seconds)
    clean = spoken(text, rate) if shutil.which("espeak-ng") else made_up(rate)
    noise = np.random.default_rng(1).normal(0, 0.002, count)
    return np.clip(np.resize(clean, count) + noise, -1, 1)


def spoken(text, rate):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "speech.wav"
        subprocess.run(["espeak-ng", "-v", "en-us", "-w", str(path), text], check=True)
        with wave.open(str(path)) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
            seconds = len(samples) / file.getframerate()
    times = np.arange(int(seconds * rate)) / rate
    return np.interp(times, np.arange(len(samples)) * seconds / len(samples), samples)


def made_up(rate):
    """One second: a voice-like buzz whose pitch rises, in four syllables of different colour."""
    time = np.arange(rate) / rate
    phase = 2 * np.pi * (110 * time + 60 * time**2)
    syllable = np.floor(4 * time)
    voice = sum(np.sin(k * phase) * np.exp(-(((k * 140 / (500 + 450 * syllable)) - 1) ** 2) * 3) for k in range(1, 30))
    envelope = np.sin(np.pi * (4 * time - syllable)) ** 2
    return 0.15 * voice * envelope


def features(text, seconds):
    """What a wake word for microcontrollers hears: 40 bands every 10 ms."""
    samples = (sound(text, 16000, seconds) * 32767).astype("<i2").tobytes()
    frontend, at, frames = pymicro_features.MicroFrontend(), 0, []
    while at + 320 <= len(samples):
        result = frontend.process_samples(samples[at:at + 320])
        at += 2 * result.samples_read
        if result.features:
            frames.append(result.features)
    return np.array(frames)
