package sandbox

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// The values of X-Amz-Content-Sha256 that are not a hash.
const (
	unsignedPayload              = "UNSIGNED-PAYLOAD"
	streamingUnsigned            = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
	streamingSigned              = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	streamingSignedTrailer       = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
	trailerSignature             = "x-amz-trailer-signature"
	maxChunkLine           int64 = 4 << 10
)

var (
	errChunk    = errors.New("the aws-chunked body cannot be read")
	errTooLarge = errors.New("the body is too large")
)

// chunkedBody reads an aws-chunked body («Signature calculations: multiple chunks» in the S3 API reference):
// HEX[;chunk-signature=SIGNATURE] CRLF data CRLF, a last chunk of 0 bytes, and trailers.
type chunkedBody struct {
	in      *bufio.Reader
	limit   int64
	signed  bool
	trailed bool
	sig     signature
	last    string // the previous signature, which the next one covers
}

func newChunkedBody(body io.Reader, kind string, sig signature, limit int64) *chunkedBody {
	return &chunkedBody{in: bufio.NewReader(body), limit: limit, sig: sig, last: sig.value,
		signed:  kind != streamingUnsigned,
		trailed: kind != streamingSigned}
}

// read returns the data and the trailers after verifying every signature in the body.
func (c *chunkedBody) read() (data []byte, trailers http.Header, err error) {
	for {
		chunk, err := c.chunk(c.limit - int64(len(data)))
		if err != nil {
			return nil, nil, err
		}
		if len(chunk) == 0 {
			break
		}
		data = append(data, chunk...)
	}
	trailers = http.Header{}
	if c.trailed {
		if trailers, err = c.trailers(); err != nil {
			return nil, nil, err
		}
	}
	return data, trailers, nil
}

// chunk reads one chunk. The last one is empty.
func (c *chunkedBody) chunk(room int64) ([]byte, error) {
	line, err := c.line()
	if err != nil {
		return nil, err
	}
	digits, extension, _ := strings.Cut(line, ";")
	size, err := strconv.ParseInt(digits, 16, 64)
	if err != nil || size < 0 {
		return nil, errChunk
	}
	if size > room {
		return nil, errTooLarge
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(c.in, data); err != nil {
		return nil, errChunk
	}
	if err := c.verify(strings.TrimPrefix(extension, "chunk-signature="), "AWS4-HMAC-SHA256-PAYLOAD", hexHash(nil), hexHash(data)); err != nil {
		return nil, err
	}
	// The line break of the last chunk may be the trailers' first: trailers reads from there.
	if size > 0 || !c.trailed {
		if end, err := c.line(); err != nil && size > 0 || end != "" {
			return nil, errChunk
		}
	}
	return data, nil
}

// trailers reads the headers after the last chunk, up to an empty line or the end.
func (c *chunkedBody) trailers() (http.Header, error) {
	trailers := http.Header{}
	var canonical strings.Builder
	for {
		line, err := c.line()
		if err != nil || line == "" {
			break
		}
		name, value, ok := strings.Cut(line, ":")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		switch {
		case !ok:
			return nil, errChunk
		case name == trailerSignature:
			return trailers, c.verify(value, "AWS4-HMAC-SHA256-TRAILER", hexHash([]byte(canonical.String())))
		}
		trailers.Set(name, value)
		canonical.WriteString(name + ":" + value + "\n")
	}
	if c.signed {
		return nil, errSignature // signed chunks must end in a signature of the trailers
	}
	return trailers, nil
}

// verify checks one signature of the chain.
func (c *chunkedBody) verify(got, algorithm string, hashes ...string) error {
	if !c.signed {
		return nil
	}
	want := c.sig.sign(algorithm, append([]string{c.last}, hashes...)...)
	if got != want {
		return errSignature
	}
	c.last = want
	return nil
}

func (c *chunkedBody) line() (string, error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil || int64(len(line)) > maxChunkLine {
		return "", errChunk
	}
	return strings.TrimRight(string(line), "\r\n"), nil
}
