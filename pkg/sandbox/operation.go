package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// operation is what a request asks of S3, path-style.
type operation struct {
	name   string // S3's own; "" when it is not offered here
	bucket string
	key    string // for a listing, its prefix
	source string // BUCKET/KEY that a copy reads
	upload bool   // it carries the data of an object
}

// subresources are the query parameters that turn a request into another operation. What is not
// offered must be refused: storage would take «PUT key?acl» for an upload.
var subresources = []string{"uploads", "uploadId", "partNumber"}

// harmless are the query parameters that do not.
var harmless = []string{"x-id", "prefix", "delimiter", "list-type", "continuation-token", "start-after",
	"max-keys", "encoding-type", "marker", "fetch-owner", "key-marker", "upload-id-marker", "max-uploads",
	"max-parts", "part-number-marker", "response-content-disposition", "response-content-type"}

func operationOf(r *http.Request) operation {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	query := r.URL.Query()
	op := operation{bucket: bucket, key: key}
	for name := range query {
		if !slices.Contains(subresources, name) && !slices.Contains(harmless, name) {
			return op
		}
	}
	if key == "" {
		op.key = query.Get("prefix")
		op.name = bucketOperation(r.Method, query)
		return op
	}
	op.name = objectOperation(r.Method, query)
	op.upload = op.name == "PutObject" || op.name == "UploadPart"
	if from := r.Header.Get("X-Amz-Copy-Source"); from != "" {
		op.upload = false
		op.source, _ = url.QueryUnescape(strings.TrimPrefix(from, "/"))
		if op.name = "CopyObject"; query.Has("uploadId") || r.Method != http.MethodPut {
			op.name = ""
		}
	}
	return op
}

func bucketOperation(method string, query url.Values) string {
	switch {
	case method != http.MethodGet:
		return ""
	case query.Has("uploads"):
		return "ListMultipartUploads"
	}
	return "ListObjects"
}

func objectOperation(method string, query url.Values) string {
	multipart := query.Has("uploadId")
	switch {
	case method == http.MethodPost && query.Has("uploads"):
		return "CreateMultipartUpload"
	case query.Has("uploads"), query.Has("partNumber") && method != http.MethodPut:
		return ""
	case method == http.MethodPost && multipart:
		return "CompleteMultipartUpload"
	}
	names := map[string]string{http.MethodPut: "PutObject", http.MethodGet: "GetObject",
		http.MethodHead: "HeadObject", http.MethodDelete: "DeleteObject"}
	if multipart {
		names = map[string]string{http.MethodPut: "UploadPart", http.MethodGet: "ListParts",
			http.MethodDelete: "AbortMultipartUpload"}
	}
	return names[method]
}
