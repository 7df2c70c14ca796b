package sandbox

import (
	"net/http"
	"strconv"
	"strings"
)

const (
	metadataPrefix = "X-Amz-Meta-"
	taggingHeader  = "X-Amz-Tagging"
)

// describing are the headers that are stored with an object, besides user metadata.
var describing = append([]string{"Content-Type", "Content-Disposition", "Content-Encoding", taggingHeader}, storedHeaders[1:]...)

// clearReplaced adds empty headers for the metadata of the object that an upload replaces, its tags included. Otherwise
// storage would carry them over.
func (s *S3) clearReplaced(v s3Request) {
	header := v.r.Header
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", "binary/octet-stream")
	}
	empty := describing
	if old, err := s.memory.HeadObject(v.bucket, v.key); err == nil {
		for name := range old.Metadata {
			if strings.HasPrefix(name, metadataPrefix) {
				empty = append(empty[:len(empty):len(empty)], name)
			}
		}
	}
	for _, name := range empty {
		if header.Get(name) == "" {
			header.Set(name, "")
		}
	}
}

// storedAnswer is storage's response, without internal headers.
type storedAnswer struct {
	http.ResponseWriter
	missing any // the response instead of a 404
	begun   bool
	dropped bool // the body is not storage's
}

// WriteHeader implements http.ResponseWriter.
func (a *storedAnswer) WriteHeader(status int) {
	if a.begun {
		return
	}
	a.begun = true
	header := a.Header()
	if tags, _ := parseTagging(header.Get(taggingHeader)); len(tags) > 0 {
		header.Set("X-Amz-Tagging-Count", strconv.Itoa(len(tags)))
	}
	header.Del(taggingHeader)
	header.Del("X-Amz-Version-Id") // the bucket has no versioning, whatever storage says
	header.Del("X-Amz-Delete-Marker")
	for name, values := range header {
		if len(values) == 1 && values[0] == "" {
			header.Del(name)
		}
	}
	if status == http.StatusNotFound && a.missing != nil {
		a.dropped = true
		writeS3(a.ResponseWriter, a.missing)
		return
	}
	if status >= http.StatusBadRequest {
		header.Set("Content-Type", "application/xml")
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (a *storedAnswer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	if a.dropped {
		return len(b), nil
	}
	return a.ResponseWriter.Write(b)
}
