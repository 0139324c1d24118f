"""What was heard so far, and where in it a piece of known audio lies, by correlation.

It grows while it is searched, by many clips, again and again: so each block of it is transformed
once, for all of them, and only the last ones anew while they fill.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phones.clip import SILENCE_RMS, WINDOW, Signal, Sound, Window

Spectrum = NDArray[np.complexfloating]

# Blocks overlap by a window, so that each offset's whole window lies in one of them. Shorter
# ones cost more where much is searched, longer ones where little is new.
POINTS = 10240
STEP = POINTS - WINDOW + 1


class Pattern:
    """Windows of one size, ready to be looked for."""

    def __init__(self, windows: Sequence[Window]) -> None:
        self.size = len(windows[0].shape)
        shapes = np.stack([window.shape for window in windows])
        self.spectra: Spectrum = np.conj(np.fft.rfft(shapes, POINTS))


class Recording:
    """Audio that grows at its end: 8 kHz, 16 bit, mono."""

    def __init__(self) -> None:
        self._length = 0
        self._samples: Sound = np.zeros(POINTS, np.int16)
        # Of all samples before each one: the energy of any stretch is the difference of two.
        self._energy: Signal = np.zeros(POINTS + 1)
        self._spectra: dict[int, tuple[int, Spectrum]] = {}

    def __len__(self) -> int:
        return self._length

    def add(self, sound: Sound) -> None:
        """Append ``sound``."""
        begin, end = self._length, self._length + len(sound)
        self._samples = _with_room(self._samples, end)
        self._energy = _with_room(self._energy, end + 1)
        self._samples[begin:end] = sound
        energy = np.cumsum(np.square(sound, dtype=np.float64))
        self._energy[begin + 1 : end + 1] = self._energy[begin] + energy
        self._length = end

    def correlate(self, pattern: Pattern, begin: int, least: float) -> Iterator[tuple[int, Signal]]:
        """Normalised correlations from offset ``begin`` on, block by block: the block's first
        offset, and a row for each window. Blocks too quiet for any to reach ``least`` are left out.
        """
        places = self._length - pattern.size + 1
        while begin < places:
            block = begin // STEP
            first, end = block * STEP, min((block + 1) * STEP, places)
            energies = self._energies(begin, end, pattern.size)
            if energies.max() >= least**2 * _floor(pattern.size):
                product = np.fft.irfft(self._spectrum(block) * pattern.spectra, POINTS)
                fit = product[:, begin - first : end - first]
                yield begin, fit / _strengths(energies, pattern.size)
            begin = end

    def nearby(self, window: Window, begin: int, end: int) -> Signal:
        """Normalised correlations of a window that lies whole between two offsets."""
        size = len(window.shape)
        piece = self._samples[begin : max(begin, min(end, self._length))]
        places = len(piece) - size + 1
        if places <= 0:
            return np.zeros(0, np.float32)
        points = 1 << (len(piece) - 1).bit_length()
        spectrum = np.fft.rfft(piece.astype(np.float32), points)
        product = np.fft.irfft(spectrum * np.conj(np.fft.rfft(window.shape, points)), points)
        return product[:places] / _strengths(self._energies(begin, begin + places, size), size)

    def _spectrum(self, block: int) -> Spectrum:
        piece = self._samples[block * STEP : min(block * STEP + POINTS, self._length)]
        known = self._spectra.get(block)
        if known is None or known[0] < len(piece):
            known = len(piece), np.fft.rfft(piece.astype(np.float32), POINTS)
            self._spectra[block] = known
        return known[1]

    def _energies(self, begin: int, end: int, size: int) -> Signal:
        return self._energy[begin + size : end + size] - self._energy[begin:end]


def _floor(size: int) -> float:
    return SILENCE_RMS**2 * size


def _strengths(energies: Signal, size: int) -> Signal:
    return np.sqrt(np.maximum(energies, _floor(size)).astype(np.float32))


def _with_room(array: NDArray[Any], size: int) -> NDArray[Any]:
    if size <= len(array):
        return array
    larger = np.zeros(2 * size, array.dtype)
    larger[: len(array)] = array
    return larger
