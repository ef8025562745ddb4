"""Creation of a tiny vision-language checkpoint for tests, without downloads."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

from PIL import Image

from tracesim.models.checkpoint import Loaded

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>")
CHAT = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% for part in message['content'] %}{% if part['type'] == 'image' %}<|vision_start|><|image_pad|><|vision_end|>"
    "{% else %}{{ part['text'] }}{% endif %}{% endfor %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
PATCHES = {"patch_size": 16, "temporal_patch_size": 2}
PICTURES = {
    **PATCHES,
    "merge_size": 2,
    "image_mean": [0.5] * 3,
    "image_std": [0.5] * 3,
    "size": {"shortest_edge": 32 * 32, "longest_edge": 96 * 96},
}


def make(folder: Path, seed: int = 0) -> None:
    """Write a Qwen3-VL with random weights, and tokenizer, processor and chat template like published ones."""
    torch, transformers = import_module("torch"), import_module("transformers")
    tokenizer = _tokenizer()
    number = {token: tokenizer.convert_tokens_to_ids(token) for token in SPECIAL}
    text = {
        "vocab_size": len(tokenizer) + 7,  # published models also have more rows than tokens
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "max_position_embeddings": 4096,
        "rope_parameters": {
            "rope_type": "default",
            "rope_theta": 10000.0,
            "mrope_section": [4, 2, 2],
            "mrope_interleaved": True,
        },
        "pad_token_id": number["<|endoftext|>"],
    }
    vision = {
        **PATCHES,
        "depth": 2,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_heads": 2,
        "spatial_merge_size": 2,
        "out_hidden_size": 64,
        "num_position_embeddings": 64,
        "deepstack_visual_indexes": [0, 1],
    }
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = transformers.Qwen3VLForConditionalGeneration(
            transformers.Qwen3VLConfig(
                text_config=text,
                vision_config=vision,
                image_token_id=number["<|image_pad|>"],
                video_token_id=number["<|endoftext|>"],
                vision_start_token_id=number["<|vision_start|>"],
                vision_end_token_id=number["<|vision_end|>"],
                tie_word_embeddings=True,
            )
        )
    # As published: two tokens that end an answer, and settings for sampling.
    network.generation_config.update(
        eos_token_id=[number["<|im_end|>"], number["<|endoftext|>"]],
        pad_token_id=number["<|endoftext|>"],
        do_sample=True,
        temperature=0.7,
        top_p=0.8,
        top_k=20,
    )
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    _write(folder / "preprocessor_config.json", PICTURES | {"image_processor_type": "Qwen2VLImageProcessor"})
    _write(folder / "video_preprocessor_config.json", PICTURES | {"video_processor_type": "Qwen3VLVideoProcessor"})
    _write(folder / "processor_config.json", {"processor_class": "Qwen3VLProcessor"})


def teach(folder: Path, model: Loaded, image: Image.Image, prompt: str, answer: str, steps: int = 200) -> None:
    """Overfit a loaded checkpoint until it gives one answer to one question, and write it to `folder`."""
    torch = import_module("torch")
    said = {"type": "text", "text": prompt}
    question = [{"role": "user", "content": [{"type": "image", "image": image}, said]}]
    reply = {"role": "assistant", "content": [{"type": "text", "text": answer}]}
    form = {"tokenize": True, "return_dict": True, "return_tensors": "pt"}
    asked = model.processor.apply_chat_template(question, add_generation_prompt=True, **form)["input_ids"].shape[1]
    lesson = model.processor.apply_chat_template([*question, reply], **form)
    labels = lesson["input_ids"].clone()
    labels[:, :asked] = -100
    learner = torch.optim.AdamW(model.network.parameters(), 3e-3, weight_decay=0.0)
    model.network.train()
    for _ in range(steps):
        loss = model.network(**lesson, labels=labels).loss
        if loss.item() < 0.05:
            break
        learner.zero_grad()
        loss.backward()
        learner.step()
    model.network.eval()
    model.network.save_pretrained(folder)


def _tokenizer() -> Any:
    """Return a byte-level tokenizer like Qwen's, with one token per digit, trained on a few lines."""
    tokenizers = import_module("tokenizers")
    pieces = tokenizers.pre_tokenizers
    learnt = tokenizers.Tokenizer(tokenizers.models.BPE())
    words = tokenizers.Regex(r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s+")
    learnt.pre_tokenizer = pieces.Sequence(
        [pieces.Split(words, "isolated"), pieces.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    learnt.decoder = tokenizers.decoders.ByteLevel()
    corpus = ["user assistant Point the 3D object-centric visual trace for the task", "[(1, 2, 0.345), (6, 7, 8.90)]"]
    alphabet = pieces.ByteLevel.alphabet()
    learnt.train_from_iterator(
        corpus * 4, tokenizers.trainers.BpeTrainer(vocab_size=400, initial_alphabet=alphabet, show_progress=False)
    )
    model = json.loads(learnt.to_str())["model"]
    return import_module("transformers").Qwen2Tokenizer(
        vocab=model["vocab"],
        merges=[tuple(merge) for merge in model["merges"]],
        additional_special_tokens=list(SPECIAL[1:]),
        unk_token=None,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        model_max_length=4096,
        chat_template=CHAT,
    )


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content))
