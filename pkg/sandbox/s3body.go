package sandbox

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

var (
	errPayloadHash      = errors.New("the body does not match its hash")
	errIncomplete       = errors.New("the body does not match its length")
	errMalformedTrailer = errors.New("a trailer is missing")
)

// payloadOf returns the signed payload hash. Presigned URLs rarely have one.
func payloadOf(r *http.Request) (string, *awsError) {
	payload := r.Header.Get("X-Amz-Content-Sha256")
	switch {
	case payload == "" && isPresigned(r):
		return unsignedPayload, nil
	case payload == "" && r.Header.Get("Authorization") != "":
		return "", invalidRequest("Missing required header for this request: x-amz-content-sha256")
	}
	return payload, nil
}

// body reads the payload and verifies it as X-Amz-Content-Sha256 says.
func (s *S3) body(r *http.Request, payload string, sig signature) ([]byte, http.Header, error) {
	switch payload {
	case streamingUnsigned, streamingSigned, streamingSignedTrailer:
		data, trailers, err := newChunkedBody(r.Body, payload, sig, s.MaxBody).read()
		if err != nil {
			return nil, nil, err
		}
		return data, trailers, faultOfStream(r.Header, len(data), trailers)
	}
	data, err := io.ReadAll(io.LimitReader(r.Body, s.MaxBody+1))
	switch {
	case err != nil:
		return nil, nil, err
	case int64(len(data)) > s.MaxBody:
		return nil, nil, errTooLarge
	case payload != unsignedPayload && payload != hexHash(data):
		return nil, nil, errPayloadHash
	}
	return data, http.Header{}, nil
}

// faultOfStream checks the announced length and trailers of a streamed body.
func faultOfStream(header http.Header, size int, trailers http.Header) error {
	if header.Get("X-Amz-Decoded-Content-Length") != strconv.Itoa(size) {
		return errIncomplete
	}
	for _, name := range header.Values("X-Amz-Trailer") {
		if trailers.Get(name) == "" {
			return errMalformedTrailer
		}
	}
	return nil
}

// storedHeaders are the x-amz- headers that storage may store with an object. It would store all of them.
var storedHeaders = []string{taggingHeader, "X-Amz-Storage-Class", "X-Amz-Server-Side-Encryption", "X-Amz-Website-Redirect-Location"}

// forStorage replaces the body with the decoded data, and removes the headers that storage would store as metadata.
func forStorage(r *http.Request, data []byte) {
	r.Header.Del("Authorization")
	for name := range r.Header {
		if strings.HasPrefix(name, "X-Amz-") && !strings.HasPrefix(name, metadataPrefix) && !isCopying(name) && !slices.Contains(storedHeaders, name) {
			r.Header.Del(name)
		}
	}
	if encoding := strings.TrimPrefix(strings.TrimPrefix(r.Header.Get("Content-Encoding"), "aws-chunked"), ","); encoding != "" {
		r.Header.Set("Content-Encoding", encoding)
	} else {
		r.Header.Del("Content-Encoding")
	}
	setBody(r, data)
}

func setBody(r *http.Request, data []byte) {
	r.Body = io.NopCloser(bytes.NewReader(data))
	r.ContentLength = int64(len(data))
	r.Header.Set("Content-Length", strconv.Itoa(len(data)))
}
