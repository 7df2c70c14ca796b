package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// operation is the S3 operation of a request, path-style.
type operation struct {
	name   string // S3's name; "" if it is not implemented here
	bucket string
	key    string
	upload bool // the request carries an object's data
}

// subresources are the query parameters that select another operation. Those that are not implemented must be
// refused: storage would treat «PUT key?acl» as an upload.
var subresources = []string{"uploads", "uploadId", "partNumber", "tagging", "location", "versioning", "delete"}

// harmless are the query parameters that do not select another operation.
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
		op.name = serviceOperations[subresourcesOf(query)][r.Method]
	case key == "":
		op.name = bucketOperation(r.Method, query)
	case query.Has("uploadId") && query.Get("uploadId") == "":
		return op // storage would read the object itself instead of an upload
	default:
		op.name = objectOperations[subresourcesOf(query)][r.Method]
	}
	op.upload = op.name == "PutObject" || op.name == "UploadPart"
	if op.upload && r.Header.Get("X-Amz-Copy-Source") != "" {
		op.upload = false
		op.name = map[string]string{"PutObject": "CopyObject", "UploadPart": "UploadPartCopy"}[op.name]
	}
	return op
}

// subresourcesOf joins the subresources of a request. Only the combinations below have a meaning. With any other, the
// two halves of S3 might each follow a different one.
func subresourcesOf(query url.Values) string {
	var found []string
	for _, name := range subresources {
		if query.Has(name) {
			found = append(found, name)
		}
	}
	return strings.Join(found, "&")
}

// The operations by subresource and method.
var (
	serviceOperations = map[string]map[string]string{"": {http.MethodGet: "ListBuckets"}}

	bucketOperations = map[string]map[string]string{
		"":           {http.MethodHead: "HeadBucket", http.MethodPut: "CreateBucket", http.MethodGet: "ListObjects"},
		"delete":     {http.MethodPost: "DeleteObjects"},
		"location":   {http.MethodGet: "GetBucketLocation"},
		"versioning": {http.MethodGet: "GetBucketVersioning"},
		"uploads":    {http.MethodGet: "ListMultipartUploads"},
	}

	objectOperations = map[string]map[string]string{
		"": {http.MethodPut: "PutObject", http.MethodGet: "GetObject",
			http.MethodHead: "HeadObject", http.MethodDelete: "DeleteObject"},
		"uploads":             {http.MethodPost: "CreateMultipartUpload"},
		"uploadId&partNumber": {http.MethodPut: "UploadPart"},
		"uploadId": {http.MethodGet: "ListParts", http.MethodPost: "CompleteMultipartUpload",
			http.MethodDelete: "AbortMultipartUpload"},
		"tagging": {http.MethodPut: "PutObjectTagging", http.MethodGet: "GetObjectTagging",
			http.MethodDelete: "DeleteObjectTagging"},
	}
)

func bucketOperation(method string, query url.Values) string {
	name := bucketOperations[subresourcesOf(query)][method]
	if name == "ListObjects" && query.Get("list-type") == "2" {
		return "ListObjectsV2"
	}
	return name
}
