package sandbox

import (
	"bytes"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const copySource = "X-Amz-Copy-Source"

// isCopying reports whether a header belongs to the source of a copy.
func isCopying(name string) bool {
	return strings.HasPrefix(name, copySource) || strings.HasSuffix(name, "-Directive")
}

// source is the object that a copy reads.
type source struct {
	bucket, key string
	version     bool // the request names a version
}

func sourceOf(r *http.Request) (source, *awsError) {
	path, query, _ := strings.Cut(r.Header.Get(copySource), "?")
	decoded, err := url.PathUnescape(path)
	bucket, key, _ := strings.Cut(strings.TrimPrefix(decoded, "/"), "/")
	if err != nil || bucket == "" || key == "" {
		return source{}, &awsError{http.StatusBadRequest, "InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey"}
	}
	return source{bucket, key, strings.HasPrefix(query, "versionId=")}, nil
}

// reader returns the request as the policies for reading the source see it: the existing tags are the source's, and
// there are no request tags.
func (s *S3) reader(v s3Request, from source) s3Request {
	v.context = maps.Clone(v.context)
	for key := range v.context {
		if lower := strings.ToLower(key); strings.HasPrefix(lower, "s3:existingobjecttag/") || strings.HasPrefix(lower, "s3:requestobjecttag") {
			delete(v.context, key)
		}
	}
	s.describeExisting(v.context, from.bucket, from.key)
	return v
}

// required returns the permissions for reading the source, and those for writing the tags that are copied.
func (s source) required(v s3Request, tagged bool) (reading, writing []permission) {
	object := v.arn(s.bucket) + "/" + s.key
	action := "s3:GetObject"
	if s.version {
		action = versioned[action]
	}
	reading = []permission{{action, object}}
	if tagged && v.name == "CopyObject" && v.r.Header.Get("X-Amz-Tagging-Directive") != "REPLACE" {
		reading = append(reading, permission{"s3:GetObjectTagging", object})
		writing = []permission{{"s3:PutObjectTagging", v.arn(v.bucket) + "/" + v.key}}
	}
	return reading, writing
}

// copyXML is the response of both copies: CopyObjectResult, CopyPartResult.
type copyXML struct {
	XMLName      xml.Name
	LastModified string
	ETag         string
}

// copy has storage perform an upload of the source's data.
func (s *S3) copy(w http.ResponseWriter, v s3Request) *awsError {
	from, fault := sourceOf(v.r)
	if fault != nil {
		return fault
	}
	if exists, _ := s.memory.BucketExists(from.bucket); !exists {
		return noSuchBucket()
	}
	reading, writing := from.required(v, len(s.tagsOf(from.bucket, from.key)) > 0)
	if fault := s.reader(v, from).refusal(reading...); fault != nil {
		return fault
	}
	if fault := v.refusal(writing...); fault != nil {
		return fault
	}
	data, metadata, ok := s.stored(from.bucket, from.key)
	if !ok {
		return v.missing(from.bucket, from.key)
	}
	if fault := faultOfSource(v, from, s.etag(from)); fault != nil {
		return fault
	}
	if data, fault = ranged(data, v.r.Header.Get(copySource+"-Range")); fault != nil {
		return fault
	}
	v.describe(metadata)
	setBody(v.r, data)
	if v.name == "CopyObject" {
		s.clearReplaced(v)
	}
	s.count(v.name)
	captured := &captured{header: http.Header{}}
	s.storage.ServeHTTP(captured, v.r)
	captured.WriteHeader(http.StatusOK)
	if captured.status != http.StatusOK {
		captured.send(w)
		return nil
	}
	name := strings.Replace(v.name, "UploadPartCopy", "CopyPart", 1) + "Result"
	writeS3(w, copyXML{xml.Name{Local: name}, s.Now().UTC().Format(time.RFC3339), captured.header.Get("ETag")})
	return nil
}

func (s *S3) etag(from source) string {
	object, err := s.memory.HeadObject(from.bucket, from.key)
	if err != nil {
		return ""
	}
	return hex.EncodeToString(object.Hash)
}

// faultOfSource checks the preconditions of a copy. A copy onto itself must change something (CopyObject).
func faultOfSource(v s3Request, from source, etag string) *awsError {
	match, none := strings.Trim(v.r.Header.Get(copySource+"-If-Match"), `"`), strings.Trim(v.r.Header.Get(copySource+"-If-None-Match"), `"`)
	replaces := v.r.Header.Get("X-Amz-Metadata-Directive") == "REPLACE" || v.r.Header.Get("X-Amz-Tagging-Directive") == "REPLACE"
	switch {
	case match != "" && match != etag, none != "" && none == etag:
		return preconditionFailed()
	case v.name == "CopyObject" && from.bucket == v.bucket && from.key == v.key && !replaces && v.r.Header.Get("X-Amz-Storage-Class") == "":
		return invalidRequest("This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.")
	}
	return nil
}

// describe replaces the headers of a copy with those of an upload: metadata and tags are the source's unless the
// request replaces them.
func (v s3Request) describe(metadata map[string]string) {
	header := v.r.Header
	keepMetadata := header.Get("X-Amz-Metadata-Directive") != "REPLACE"
	keepTags := header.Get("X-Amz-Tagging-Directive") != "REPLACE"
	for name := range header {
		ofMetadata := strings.HasPrefix(name, metadataPrefix) || name == "Content-Type" || name == "Content-Disposition" || name == "Content-Encoding"
		if isCopying(name) || keepMetadata && ofMetadata || keepTags && name == taggingHeader {
			header.Del(name)
		}
	}
	for name, value := range metadata {
		ofMetadata := strings.HasPrefix(name, metadataPrefix) || strings.HasPrefix(name, "Content-")
		if keepMetadata && ofMetadata || keepTags && name == taggingHeader {
			header.Set(name, value)
		}
	}
}

// ranged returns the range bytes=FIRST-LAST of the data.
func ranged(data []byte, header string) ([]byte, *awsError) {
	if header == "" {
		return data, nil
	}
	var first, last int
	if n, _ := fmt.Sscanf(header, "bytes=%d-%d", &first, &last); n != 2 || first < 0 || last < first {
		return nil, &awsError{http.StatusBadRequest, "InvalidArgument", "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy"}
	}
	if last >= len(data) {
		return nil, &awsError{http.StatusBadRequest, "InvalidArgument", fmt.Sprintf("Range specified is not valid for source object of size: %d", len(data))}
	}
	return data[first : last+1], nil
}

// captured is a response held back in memory.
type captured struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (c *captured) Header() http.Header { return c.header }

// WriteHeader implements http.ResponseWriter.
func (c *captured) WriteHeader(status int) {
	if c.status == 0 {
		c.status = status
	}
}

// Write implements http.ResponseWriter.
func (c *captured) Write(b []byte) (int, error) {
	c.WriteHeader(http.StatusOK)
	return c.body.Write(b)
}

func (c *captured) send(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(c.status)
	w.Write(c.body.Bytes())
}
