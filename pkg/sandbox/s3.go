package sandbox

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// S3 keeps the objects of one bucket in memory, path-style. Its door verifies signature, session,
// permission, payload hash and checksums; gofakes3 behind it is storage alone. It counts the
// operations by S3's names ("PutObject", …) once they were allowed, and "refused".
type S3 struct {
	server
	breakable

	Bucket string
	// Region that requests must be signed for; "" takes any. Set before the first request.
	Region string
	// Prefixes a session may touch, as templates with {sub} or {identity_id}; one whose placeholder
	// has no value in the session gives nothing. Change before the first request.
	Prefixes []string
	// MaxBody is the largest request body in bytes; 256 MiB at first.
	MaxBody int64

	sessions *Sessions
	memory   *s3mem.Backend
	storage  http.Handler
}

// NewS3 starts an S3 with one bucket that admits the sessions given. Close ends it.
func NewS3(sessions *Sessions, bucket string, prefixes ...string) (*S3, error) {
	s := &S3{Bucket: bucket, Region: "us-east-1", Prefixes: prefixes, MaxBody: 256 << 20, sessions: sessions, memory: s3mem.New()}
	if err := s.memory.CreateBucket(bucket); err != nil {
		return nil, err
	}
	s.storage = gofakes3.New(s.memory, gofakes3.WithLogger(gofakes3.DiscardLog())).Server()
	// No ServeMux: it would redirect keys that hold .. or // to others.
	if err := s.start(http.HandlerFunc(s.serve)); err != nil {
		return nil, err
	}
	return s, nil
}

// Object returns what is stored under a key.
func (s *S3) Object(key string) (data []byte, contentType string, ok bool) {
	object, err := s.memory.GetObject(s.Bucket, key, nil)
	if err != nil {
		return nil, "", false
	}
	defer object.Contents.Close()
	data, err = io.ReadAll(object.Contents)
	return data, object.Metadata["Content-Type"], err == nil
}

func (s *S3) serve(w http.ResponseWriter, r *http.Request) {
	fault := s.failing()
	if !s.wait(r.Context(), fault.Delay) {
		return
	}
	err := fault.awsError()
	if err == nil {
		err = s.admit(w, r)
	}
	if err != nil {
		s.count("refused")
		refuseS3(w, r, err)
		return
	}
	s.storage.ServeHTTP(w, r)
}

// admit checks everything about a request and leaves it as storage wants it.
func (s *S3) admit(w http.ResponseWriter, r *http.Request) *awsError {
	payload := r.Header.Get("X-Amz-Content-Sha256")
	door := guard{sessions: s.sessions, service: "s3", region: s.Region, now: s.Now}
	session, sig, err := door.admit(r, payload)
	if err != nil {
		return s3Error(err)
	}
	op := operationOf(r)
	if op.name == "" {
		return &awsError{http.StatusNotImplemented, "NotImplemented", "A header or query you provided implies functionality that is not implemented."}
	}
	if !s.permits(session, op) {
		return &awsError{http.StatusForbidden, "AccessDenied", "Access Denied"}
	}
	data, trailers, err := s.body(r, payload, sig)
	if err != nil {
		return s3Error(err)
	}
	checksums := []http.Header{r.Header, trailers}
	if op.upload {
		if fault := faultOfChecksums(data, checksums...); fault != nil {
			return fault
		}
		moveChecksums(checksums, w.Header())
	}
	s.count(op.name)
	forStorage(r, data)
	return nil
}

// permits is the permission policy: everything under the session's own prefixes, nothing else.
func (s *S3) permits(session Session, op operation) bool {
	if op.bucket != s.Bucket {
		return false
	}
	bucket, source, _ := strings.Cut(op.source, "/")
	for _, template := range s.Prefixes {
		prefix, ok := expand(template, session)
		if ok && strings.HasPrefix(op.key, prefix) &&
			(op.source == "" || bucket == s.Bucket && strings.HasPrefix(source, prefix)) {
			return true
		}
	}
	return false
}

// expand fills in a prefix as IAM expands policy variables: one without a value matches nothing.
func expand(template string, session Session) (string, bool) {
	values := map[string]string{"{sub}": session.Subject, "{identity_id}": session.IdentityID}
	for name, value := range values {
		if strings.Contains(template, name) && value == "" {
			return "", false
		}
	}
	return strings.NewReplacer("{sub}", session.Subject, "{identity_id}", session.IdentityID).Replace(template), true
}

// body reads and verifies the payload as its X-Amz-Content-Sha256 says.
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

// faultOfStream holds a streamed body to its announced length and trailers.
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

// forStorage gives storage the decoded data, and keeps from it what it would store as metadata.
func forStorage(r *http.Request, data []byte) {
	for _, name := range []string{"Authorization", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-Sha256",
		"X-Amz-Decoded-Content-Length", "X-Amz-Trailer", "X-Amz-Sdk-Checksum-Algorithm", "X-Amz-Checksum-Algorithm", "X-Amz-Checksum-Mode", "X-Amz-Checksum-Type"} {
		r.Header.Del(name)
	}
	if encoding := strings.TrimPrefix(strings.TrimPrefix(r.Header.Get("Content-Encoding"), "aws-chunked"), ","); encoding != "" {
		r.Header.Set("Content-Encoding", encoding)
	} else {
		r.Header.Del("Content-Encoding")
	}
	r.Body = io.NopCloser(bytes.NewReader(data))
	r.ContentLength = int64(len(data))
	r.Header.Set("Content-Length", strconv.Itoa(len(data)))
}

var (
	errPayloadHash      = errors.New("the body has another hash")
	errIncomplete       = errors.New("the body has another length")
	errMalformedTrailer = errors.New("a trailer is missing")
)
