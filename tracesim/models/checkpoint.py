"""A checkpoint: a vision-language model that transformers runs in this process."""

from __future__ import annotations

import importlib
import inspect
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, get_args

from tracesim.errors import ConfigurationError, InfrastructureError, unknown_name
from tracesim.machine.extras import check_installed, optional
from tracesim.models import grammar
from tracesim.models.grammar import LONGEST_TRACE, Dimensions, Grammar, trace_pattern

if TYPE_CHECKING:
    from PIL import Image

Dtype = Literal["auto", "float32", "bfloat16", "float16"]

_LOG: Final = logging.getLogger(__name__)
_SHOWN: Final = 200
_PURPOSE: Final = "A checkpoint in this process"
_LOADING: Final = threading.Lock()


class Generated(NamedTuple):
    """An answer's text, the tokens of its question (pictures among them), and its own with the one that ends it."""

    text: str
    prompt_tokens: int
    answer_tokens: int


@dataclass(frozen=True)
class Checkpoint:
    """Any checkpoint that `AutoModelForImageTextToText` loads; asked greedily, so that answers repeat.

    path: a folder, or a name on the Hugging Face hub, which is read from the local cache where there is no network.
    device: auto takes CUDA where there is some; cpu, cuda, cuda:1. dtype: auto is bfloat16 on CUDA, and what the
    checkpoint was stored in elsewhere. max_new_tokens: the longest answer. constrained: decode nothing but a trace of 2
    to 10 keypoints, of so many `dimensions` (None: as the model likes); see `tracesim.models.grammar`.
    trust_remote_code: run Python that comes with the checkpoint. The weights are loaded at the first question, once a
    process. Raises `ConfigurationError` for a path or library that is not there, and at the first question for a device
    that is not.
    """

    path: str
    device: str = "auto"
    dtype: Dtype = "auto"
    max_new_tokens: int = 512
    constrained: bool = False
    dimensions: Dimensions | None = 3
    trust_remote_code: bool = False

    def __post_init__(self) -> None:
        folder = Path(os.path.expanduser(self.path))
        if not self.path or (not folder.is_dir() and (folder.exists() or self.path.startswith(("/", ".", "~")))):
            raise ConfigurationError(
                f"checkpoint {self.path!r} is neither a folder nor a name on the Hugging Face hub."
            )
        if folder.is_dir() and not (folder / "config.json").is_file():
            raise ConfigurationError(f"checkpoint {self.path} is no checkpoint: it has no config.json.")
        if self.dtype not in get_args(Dtype):
            raise unknown_name("dtype", self.dtype, get_args(Dtype))
        if self.max_new_tokens < 1:
            raise ConfigurationError(f"max_new_tokens={self.max_new_tokens}: an answer has at least one token.")
        if self.constrained and self.max_new_tokens <= LONGEST_TRACE:
            raise ConfigurationError(
                f"max_new_tokens={self.max_new_tokens}: a constrained trace may take {LONGEST_TRACE + 1} tokens."
            )
        for name in ("torch", "transformers"):
            check_installed(name, "vlm", _PURPOSE)
        if self.constrained:
            check_installed("llguidance", "vlm", grammar.PURPOSE)

    def load(self) -> Loaded:
        """Return the processor and the weights, loaded once; raises `ConfigurationError` where they cannot be."""
        return self._loaded

    def answer(self, image: Image.Image, prompt: str) -> Generated:
        """Return what the model answers to a picture and a prompt; threads take turns.

        Raises `InfrastructureError` where the device has no memory left.
        """
        loaded = self.load()
        constraint = [self._grammar.constraint()] if self.constrained else None
        with loaded.turn:
            try:
                return loaded.generate(image, prompt, self.max_new_tokens, constraint)
            except _library("torch").OutOfMemoryError as error:
                raise InfrastructureError(f"checkpoint {self.path}: {_line(error)}") from None

    @cached_property
    def _loaded(self) -> Loaded:
        with _LOADING:
            return _load(self.path, self.device, self.dtype, self.trust_remote_code)

    @cached_property
    def _grammar(self) -> Grammar:
        loaded = self.load()
        vocabulary = loaded.network.config.get_text_config().vocab_size
        return Grammar(trace_pattern(self.dimensions), loaded.processor.tokenizer, vocabulary, loaded.ends)


@dataclass(frozen=True)
class Loaded:
    """A checkpoint's processor and network, and whose turn it is.

    Networks may keep what belongs to one question from one token to the next, so questions are answered one by one.
    """

    processor: Any
    network: Any
    turn: threading.Lock = field(default_factory=threading.Lock)

    @property
    def ends(self) -> list[int]:
        """The tokens that end an answer."""
        ends = self.network.generation_config.eos_token_id
        if ends is None:
            ends = self.processor.tokenizer.eos_token_id
        return list(ends) if isinstance(ends, list) else [ends]

    def generate(self, image: Image.Image, prompt: str, longest: int, constraint: list[Any] | None) -> Generated:
        """Return the likeliest answer token by token, as the checkpoint's own configuration penalises repetitions."""
        content = [{"type": "image", "image": image.convert("RGB")}, {"type": "text", "text": prompt}]
        with _library("torch").inference_mode():
            question = self.processor.apply_chat_template(
                [{"role": "user", "content": content}],
                add_generation_prompt=True,
                tokenize=True,
                return_dict=True,
                return_tensors="pt",
            ).to(self.network.device, dtype=self.network.dtype)
            asked = question["input_ids"].shape[1]
            written = self.network.generate(**question, max_new_tokens=longest, logits_processor=constraint)[0, asked:]
        text = self.processor.tokenizer.decode(written, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return Generated(text, asked, len(written))


@lru_cache(maxsize=1)
def _load(path: str, device: str, dtype: Dtype, trust_remote_code: bool) -> Loaded:
    """Return a checkpoint's processor and weights; the last one stays, so that it is loaded once for many episodes.

    Raises `ConfigurationError`, in one line, whatever is wrong with it.
    """
    transformers = _library("transformers")
    where = _device(device)
    folder = Path(os.path.expanduser(path))
    name = str(folder) if folder.is_dir() else path
    # A folder is complete: nobody has to be asked about it, and there may be no network.
    source = {"local_files_only": folder.is_dir(), "trust_remote_code": trust_remote_code}
    _LOG.info("loading checkpoint %s on %s", path, where)
    with _quietly():
        try:
            config = transformers.AutoConfig.from_pretrained(name, **source)
            of_images = type(config) in transformers.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING
            if not of_images and "AutoModelForImageTextToText" not in getattr(config, "auto_map", {}):
                raise ConfigurationError(f"checkpoint {path} is a {config.model_type}, which sees no images.")
            processor = _processor(name, config, source)
            network = transformers.AutoModelForImageTextToText.from_pretrained(
                name, dtype=_stored_as(dtype, where), **source
            )
            network = network.to(where).eval()
            _without_chance(network.generation_config)
            # Of old, it was the tokenizer's.
            processor.chat_template = processor.chat_template or processor.tokenizer.chat_template
        except ConfigurationError:
            raise
        # Libraries that read a user's files raise whatever they like about them.
        except Exception as error:
            raise ConfigurationError(f"checkpoint {path}: {_line(error)}") from error
    if not processor.chat_template:
        raise ConfigurationError(f"checkpoint {path} has no chat template: it was not made to be asked.")
    return Loaded(processor, network)


def _library(name: str) -> Any:
    """Import a library where it is used: these take seconds, and are an extra."""
    return optional(name, "vlm", _PURPOSE)


def _device(name: str) -> str:
    torch = _library("torch")
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    found = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    valid = ["cpu", *(["cuda"] if found else []), *found]
    if name not in valid:
        hint = "" if found else f" torch {torch.__version__} finds no CUDA here."
        raise ConfigurationError(f"device={name}. Valid: auto, {', '.join(valid)}.{hint}")
    return name


def _stored_as(dtype: Dtype, device: str) -> str:
    """Return what weights are kept as, in transformers' words: "auto" is what the checkpoint was stored in."""
    return "bfloat16" if dtype == "auto" and device.startswith("cuda") else dtype


def _without_chance(settings: Any) -> None:
    """Change a checkpoint's generation settings to the likeliest token each time; penalties stay as published."""
    settings.update(do_sample=False, num_beams=1)
    # transformers complains about each setting for sampling where there is none, and about two limits.
    settings.update(temperature=None, top_p=None, top_k=None, min_p=None, typical_p=None, max_length=None)


def _processor(name: str, config: Any, source: dict[str, Any]) -> Any:
    """Return what turns pictures and text into a checkpoint's inputs.

    Processors of models that also see videos want torchvision for that alone; where it is missing, or was built for
    another torch, they are made without.
    """
    transformers = _library("transformers")
    try:
        importlib.import_module("torchvision")
    except (ImportError, RuntimeError):
        kind = _library("transformers.models.auto.processing_auto").PROCESSOR_MAPPING.get(type(config), None)
        if kind is not None and "video_processor" in inspect.signature(kind).parameters:
            return _of_images(kind, name, source)
    return transformers.AutoProcessor.from_pretrained(name, **source)


def _of_images(kind: Any, name: str, source: dict[str, Any]) -> Any:
    """Return a processor of this kind that has no part for videos or sounds."""
    transformers = _library("transformers")
    mixin: Any = transformers.ProcessorMixin
    taken = inspect.signature(kind).parameters.keys() - {"image_processor", "tokenizer"}
    without = dict.fromkeys(taken & {"video_processor", "feature_extractor"})

    class Parts(mixin):  # type: ignore[misc]
        # Comes after `kind` in the order of bases, and is handed its parts in the order that kind has chosen.
        def __init__(self, *parts: Any, **options: Any) -> None:
            options = {name: option for name, option in options.items() if name not in without}
            super().__init__(*(part for part in parts if part is not None), **options)

    class OfImages(kind, Parts):  # type: ignore[misc]
        # transformers takes a processor's parts from the names of these parameters.
        def __init__(self, image_processor: Any, tokenizer: Any, **options: Any) -> None:
            super().__init__(image_processor=image_processor, tokenizer=tokenizer, **without, **options)

    tokenizer = transformers.AutoTokenizer.from_pretrained(name, **source)
    images = transformers.AutoImageProcessor.from_pretrained(name, backend="pil", **source)
    stored, _ = kind.get_processor_dict(name, **source)
    return OfImages(images, tokenizer, **{key: stored[key] for key in (taken - without.keys()) & stored.keys()})


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep transformers' bars and warnings off the terminal, which shows a run's own progress."""
    told = _library("transformers.utils.logging")
    level, bar = told.get_verbosity(), told.is_progress_bar_enabled()
    told.set_verbosity_error()
    told.disable_progress_bar()
    try:
        yield
    finally:
        told.set_verbosity(level)
        if bar:
            told.enable_progress_bar()


def _line(error: BaseException) -> str:
    """Return an error's kind and text, cut to a line."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
