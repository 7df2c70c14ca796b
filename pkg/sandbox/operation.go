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
	key    string
	upload bool // it carries the data of an object
}

// subresources are the query parameters that turn a request into another operation. What is not
// offered must be refused: storage would take «PUT key?acl» for an upload.
var subresources = []string{"uploads", "uploadId", "partNumber", "tagging", "location", "versioning", "delete"}

// harmless are the query parameters that do not.
var harmless = []string{"x-id", "prefix", "delimiter", "list-type", "continuation-token", "start-after",
	"max-keys", "encoding-type", "marker", "fetch-owner", "key-marker", "upload-id-marker", "max-uploads",
	"max-parts", "part-number-marker", "versionId", "response-content-disposition", "response-content-type",
	"response-cache-control", "response-content-encoding", "response-content-language", "response-expires"}

func operationOf(r *http.Request) operation {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	query := r.URL.Query()
	op := operation{bucket: bucket, key: key}
	for name := range query {
		if !slices.Contains(subresources, name) && !slices.Contains(harmless, name) && !isPresigning(name) {
			return op
		}
	}
	switch {
	case bucket == "":
		op.name = serviceOperations[r.Method]
	case key == "":
		op.name = bucketOperation(r.Method, query)
	default:
		op.name = objectOperation(r.Method, query)
	}
	op.upload = op.name == "PutObject" || op.name == "UploadPart"
	if op.upload && r.Header.Get("X-Amz-Copy-Source") != "" {
		op.upload = false
		op.name = map[string]string{"PutObject": "CopyObject", "UploadPart": "UploadPartCopy"}[op.name]
	}
	return op
}

var serviceOperations = map[string]string{http.MethodGet: "ListBuckets"}

func bucketOperation(method string, query url.Values) string {
	names := map[string]string{http.MethodHead: "HeadBucket", http.MethodPut: "CreateBucket", http.MethodGet: "ListObjects"}
	switch {
	case query.Has("delete"):
		names = map[string]string{http.MethodPost: "DeleteObjects"}
	case query.Has("location"):
		names = map[string]string{http.MethodGet: "GetBucketLocation"}
	case query.Has("versioning"):
		names = map[string]string{http.MethodGet: "GetBucketVersioning"}
	case query.Has("uploads"):
		names = map[string]string{http.MethodGet: "ListMultipartUploads"}
	case query.Get("list-type") == "2":
		names[http.MethodGet] = "ListObjectsV2"
	}
	return names[method]
}

func objectOperation(method string, query url.Values) string {
	names := map[string]string{http.MethodPut: "PutObject", http.MethodGet: "GetObject",
		http.MethodHead: "HeadObject", http.MethodDelete: "DeleteObject"}
	switch {
	case query.Has("uploads"):
		names = map[string]string{http.MethodPost: "CreateMultipartUpload"}
	case query.Has("uploadId"):
		names = map[string]string{http.MethodPut: "UploadPart", http.MethodGet: "ListParts",
			http.MethodPost: "CompleteMultipartUpload", http.MethodDelete: "AbortMultipartUpload"}
	case query.Has("partNumber"):
		names = nil // one part of an object that is there
	case query.Has("tagging"):
		names = map[string]string{http.MethodPut: "PutObjectTagging", http.MethodGet: "GetObjectTagging",
			http.MethodDelete: "DeleteObjectTagging"}
	}
	return names[method]
}
