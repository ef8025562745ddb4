"""Questions in the requests of each protocol."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, NamedTuple

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError, model_validator

from tracesim.serve.pictures import Allowed, check_depth, from_base64, from_data_url, pictures
from tracesim.serve.refusal import RefusalError, invalid

MOST_PICTURES: Final = 16

Text = Annotated[str, Field(min_length=1, max_length=100_000)]
Row = Annotated[list[FiniteFloat], Field(min_length=3, max_length=3)]
Pictures = Annotated[list[str], Field(min_length=1, max_length=MOST_PICTURES)]
Flag = Annotated[int, Field(ge=0, le=1)]


class Asked(NamedTuple):
    """Question about images."""

    prompt: str
    """Text of the question."""

    images: list[Image.Image]
    """RGB images."""

    longest: int | None = None
    """Largest number of tokens of the answer, or None if the request does not limit it."""


class PathQuery(BaseModel):
    """Request of RoboTracer's client, which names image files that both sides can access.

    Source: RoboTracer's public repository at commit 11f09e1.
    """

    model_config = ConfigDict(strict=True, extra="forbid")

    image_paths: Pictures
    """Paths of RGB images."""

    depth_z_paths: Pictures | None = None
    """Paths of depth images, one for each image."""

    intrinsics: Annotated[list[Row], Field(min_length=3, max_length=3)] | None = None
    """(3, 3), camera intrinsics."""

    enable_spatial: Flag = 0
    """Whether RoboTracer uses its spatial encoder."""

    text: Text
    """Prompt."""

    @model_validator(mode="after")
    def _a_depth_for_each_picture(self) -> PathQuery:
        if self.depth_z_paths is not None and len(self.depth_z_paths) != len(self.image_paths):
            raise ValueError(f"{len(self.depth_z_paths)} depth_z_paths for {len(self.image_paths)} image_paths.")
        return self

    def question(self, allowed: Allowed) -> Asked:
        """Return the question; depth images are checked but not used.

        Args:
            allowed: Permission to read files.

        Raises:
            RefusalError: A file cannot be read, or is not an image.
        """
        check_depth([allowed.read(path) for path in self.depth_z_paths or ()])
        return Asked(self.text, pictures([allowed.read(path) for path in self.image_paths]))


class PictureQuery(BaseModel):
    """Request of RoboRefer's client, and of RoboTracer's client for Qwen3-VL, with images in base64."""

    model_config = ConfigDict(strict=True, extra="forbid")

    image_url: Pictures
    """RGB images, in base64."""

    depth_url: Annotated[list[str], Field(max_length=MOST_PICTURES)] | None = None
    """Depth images in base64, one for each image."""

    enable_depth: Flag = 0
    """Whether the model uses depth."""

    text: Text
    """Prompt."""

    @model_validator(mode="after")
    def _a_depth_for_each_picture(self) -> PictureQuery:
        if self.depth_url and len(self.depth_url) != len(self.image_url):
            raise ValueError(f"{len(self.depth_url)} depth_url for {len(self.image_url)} image_url.")
        return self

    def question(self) -> Asked:
        """Return the question; depth images are decoded but not used.

        Raises:
            RefusalError: An image is not valid.
        """
        pictures([from_base64(one, f"depth_url {number}") for number, one in enumerate(self.depth_url or ())], "depth")
        return Asked(
            self.text,
            pictures([from_base64(one, f"image_url {number}") for number, one in enumerate(self.image_url)]),
        )


class TextPart(BaseModel):
    """Text in a message."""

    type: Literal["text"]
    text: str


class ImageUrl(BaseModel):
    """URL of an image in a message."""

    url: str
    """data: URL in base64."""


class ImagePart(BaseModel):
    """Image in a message."""

    type: Literal["image_url"]
    image_url: ImageUrl


Part = Annotated[TextPart | ImagePart, Field(discriminator="type")]


class Message(BaseModel):
    """Message of a chat; messages of the assistant are not accepted, since every question is answered by itself."""

    role: Literal["system", "developer", "user"]
    content: str | list[Part]

    @property
    def parts(self) -> list[TextPart | ImagePart]:
        """Content of the message as parts."""
        if isinstance(self.content, str):
            return [TextPart(type="text", text=self.content)]
        return list(self.content)


class Chat(BaseModel):
    """Request for a chat completion in OpenAI's form; other fields are ignored."""

    model: str
    """Name of the model; not checked."""

    messages: Annotated[list[Message], Field(min_length=1, max_length=16)]
    """Messages of the chat."""

    temperature: Annotated[float, Field(ge=0.0, le=2.0)] | None = None
    """Sampling temperature; not used, since decoding is greedy."""

    max_tokens: Annotated[int, Field(ge=1)] | None = None
    """Largest number of tokens of the answer."""

    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    """Newer name of `max_tokens`, which it overrides."""

    n: Literal[1] | None = None
    """Number of answers."""

    stream: Literal[False] | None = None
    """Whether to stream the answer."""

    def question(self) -> Asked:
        """Return the question: all texts, one per line, and all images, in order.

        Raises:
            RefusalError: There is no text, there are too many images, or an image is not valid.
        """
        parts = [part for message in self.messages for part in message.parts]
        prompt = "\n".join(part.text for part in parts if isinstance(part, TextPart))
        urls = [part.image_url.url for part in parts if isinstance(part, ImagePart)]
        if not prompt.strip():
            raise RefusalError(422, "messages: they contain no text.")
        if len(urls) > MOST_PICTURES:
            raise RefusalError(422, f"messages: {len(urls)} images are too many. Valid: up to {MOST_PICTURES}.")
        longest = self.max_tokens if self.max_completion_tokens is None else self.max_completion_tokens
        return Asked(prompt, pictures([from_data_url(url) for url in urls]), longest)


def read_query(body: Any, allowed: Allowed) -> Asked:
    """Return the question in a `POST /query` of either protocol, which `image_paths` or `image_url` determines.

    Args:
        body: JSON value of the request.
        allowed: Permission to read files.

    Raises:
        RefusalError: The request is invalid.
    """
    if not isinstance(body, dict) or ("image_paths" in body) == ("image_url" in body):
        raise RefusalError(
            422, "the request has to be an object with either image_paths (files) or image_url (base64)."
        )
    try:
        if "image_paths" in body:
            return PathQuery.model_validate(body).question(allowed)
        return PictureQuery.model_validate(body).question()
    except ValidationError as error:
        raise invalid(error) from None


def read_chat(body: Any) -> Asked:
    """Return the question in a `POST /v1/chat/completions`.

    Raises:
        RefusalError: The request is invalid.
    """
    try:
        return Chat.model_validate(body).question()
    except ValidationError as error:
        raise invalid(error) from None
