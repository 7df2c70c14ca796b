package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/daypass/daypass/pkg/policy"
)

// permission is one permission that an operation requires.
type permission struct {
	action   string
	resource string
}

// objectActions are the actions of each operation on an object («Required permissions for Amazon S3 API operations»
// in the S3 user guide). Copies and DeleteObjects require more.
var objectActions = map[string]string{
	"PutObject": "s3:PutObject", "CopyObject": "s3:PutObject", "GetObject": "s3:GetObject", "HeadObject": "s3:GetObject",
	"DeleteObject": "s3:DeleteObject", "CreateMultipartUpload": "s3:PutObject", "UploadPart": "s3:PutObject",
	"UploadPartCopy": "s3:PutObject", "CompleteMultipartUpload": "s3:PutObject", "AbortMultipartUpload": "s3:AbortMultipartUpload",
	"ListParts": "s3:ListMultipartUploadParts", "PutObjectTagging": "s3:PutObjectTagging",
	"GetObjectTagging": "s3:GetObjectTagging", "DeleteObjectTagging": "s3:DeleteObjectTagging",
}

// bucketActions are the actions of each operation on a bucket.
var bucketActions = map[string]string{
	"ListObjects": "s3:ListBucket", "ListObjectsV2": "s3:ListBucket", "HeadBucket": "s3:ListBucket",
	"ListMultipartUploads": "s3:ListBucketMultipartUploads", "GetBucketLocation": "s3:GetBucketLocation",
	"GetBucketVersioning": "s3:GetBucketVersioning", "CreateBucket": "s3:CreateBucket",
}

// versioned are the actions that have another name if the request names a version.
var versioned = map[string]string{
	"s3:GetObject": "s3:GetObjectVersion", "s3:DeleteObject": "s3:DeleteObjectVersion",
	"s3:GetObjectTagging": "s3:GetObjectVersionTagging", "s3:PutObjectTagging": "s3:PutObjectVersionTagging",
	"s3:DeleteObjectTagging": "s3:DeleteObjectVersionTagging",
}

// required returns the permissions that the operation requires on its own bucket and key. Copies and DeleteObjects
// require more later.
func (v s3Request) required() []permission {
	bucket := v.arn(v.bucket)
	action, onObject := objectActions[v.name]
	switch {
	case v.name == "ListBuckets":
		return []permission{{"s3:ListAllMyBuckets", "*"}}
	case !onObject && bucketActions[v.name] != "":
		return []permission{{bucketActions[v.name], bucket}}
	case !onObject:
		return nil
	}
	if other := versioned[action]; other != "" && v.r.URL.Query().Has("versionId") {
		action = other
	}
	object := bucket + "/" + v.key
	required := []permission{{action, object}}
	if action == "s3:PutObject" && v.r.Header.Get(taggingHeader) != "" {
		required = append(required, permission{"s3:PutObjectTagging", object})
	}
	return required
}

// arn returns the bucket's ARN.
func (v s3Request) arn(bucket string) string {
	return "arn:" + partitionOf(v.session.RoleARN) + ":s3:::" + bucket
}

// reads reports whether the object must exist.
func (v s3Request) reads() bool {
	switch v.name {
	case "GetObject", "HeadObject", "GetObjectTagging", "PutObjectTagging", "DeleteObjectTagging":
		return true
	}
	return false
}

// carriesOwnData reports whether checksums in the headers are those of the body. In CompleteMultipartUpload they are
// those of the whole object.
func (v s3Request) carriesOwnData() bool {
	return v.upload || v.name == "DeleteObjects" || v.name == "PutObjectTagging"
}

// contextOf returns S3's condition keys and those of any request («Actions, resources, and condition keys for Amazon
// S3» in the service authorization reference).
func (s *S3) contextOf(v s3Request) policy.Context {
	r, sig := v.r, v.sig
	context := v.session.context(requestContext(r, s.Now()))
	set := func(key, value string) {
		if value != "" {
			context.Set(key, value)
		}
	}
	set("aws:RequestedRegion", sig.region)
	set("s3:signatureversion", sigV4Algorithm)
	set("s3:authType", "REST-HEADER")
	if sig.presigned {
		set("s3:authType", "REST-QUERY-STRING")
		set("s3:signatureAge", fmt.Sprint(s.Now().Sub(sig.at).Milliseconds()))
	}
	set("s3:ResourceAccount", accountOf(v.session.RoleARN))
	set("s3:x-amz-content-sha256", r.Header.Get("X-Amz-Content-Sha256"))
	for _, name := range []string{"x-amz-acl", "x-amz-storage-class", "x-amz-server-side-encryption", "x-amz-copy-source", "x-amz-metadata-directive"} {
		set("s3:"+name, r.Header.Get(name))
	}
	query := r.URL.Query()
	set("s3:VersionId", query.Get("versionId"))
	if strings.HasPrefix(v.name, "List") && v.key == "" {
		for _, name := range []string{"prefix", "delimiter", "max-keys"} {
			if query.Has(name) {
				context.Set("s3:"+name, query.Get(name)) // an empty prefix counts as a value
			}
		}
	}
	if objectActions[v.name] == "s3:PutObject" {
		creates := v.name == "PutObject" || v.name == "CompleteMultipartUpload" || v.name == "CopyObject"
		set("s3:ObjectCreationOperation", strconv.FormatBool(creates))
		set("s3:if-match", r.Header.Get("If-Match"))
		set("s3:if-none-match", r.Header.Get("If-None-Match"))
	}
	s.describeTags(context, v)
	return context
}

// describeTags sets the condition keys of the tags in the header and of the object's existing tags. PutObjectTagging
// has its tags in the body. A copy ignores the header's tags unless it replaces tags.
func (s *S3) describeTags(context policy.Context, v s3Request) {
	copies := v.name == "CopyObject" && v.r.Header.Get("X-Amz-Tagging-Directive") != "REPLACE"
	if v.name != "PutObjectTagging" && !copies {
		asked, _ := parseTagging(v.r.Header.Get(taggingHeader))
		describeAsked(context, asked)
	}
	s.describeExisting(context, v.bucket, v.key)
}

func describeAsked(context policy.Context, asked []tag) {
	var keys []string
	for _, tag := range asked {
		context.Set("s3:RequestObjectTag/"+tag.Key, tag.Value)
		keys = append(keys, tag.Key)
	}
	if len(keys) > 0 {
		context.Set("s3:RequestObjectTagKeys", keys...)
	}
}

func (s *S3) describeExisting(context policy.Context, bucket, key string) {
	for _, tag := range s.tagsOf(bucket, key) {
		context.Set("s3:ExistingObjectTag/"+tag.Key, tag.Value)
	}
}

// refusal evaluates the policies for each permission. It returns nil if all are allowed.
func (v s3Request) refusal(required ...permission) *awsError {
	for _, a := range required {
		if decision := v.session.permits(a.action, a.resource, v.context); !decision.Allowed() {
			v.explain(decision.Explain())
			return v.denied(a, decision)
		}
	}
	return nil
}

// denied names the kind of policy that denied the request, as S3 does within an account («Access denied error
// messages» in the IAM user guide; the wording for session policies is assumed).
func (v s3Request) denied(a permission, decision policy.Decision) *awsError {
	kind := "identity-based"
	if decision.Effect == policy.Deny && decision.Document >= len(v.session.permissions) ||
		decision.Effect != policy.Deny && v.byRole(a).Allowed() {
		kind = "session"
	}
	why := fmt.Sprintf("because no %s policy allows the %s action", kind, a.action)
	if decision.Effect == policy.Deny {
		why = fmt.Sprintf("with an explicit deny in an %s policy", kind)
		if kind == "session" {
			why = "with an explicit deny in a session policy"
		}
	}
	return &awsError{http.StatusForbidden, "AccessDenied",
		fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %q %s", v.session.Principal, a.action, a.resource, why)}
}

func (v s3Request) byRole(a permission) policy.Decision {
	return policy.Decide(policy.Request{Action: a.action, Resource: a.resource, Context: v.context}, v.session.permissions)
}

// missing returns 404 or 403 for a key that does not exist: without s3:ListBucket the caller must not learn that
// (GetObject, «Permissions»). A condition on s3:prefix is compared with the key (assumed; the policy that Terraform
// documents for its S3 backend requires that).
func (v s3Request) missing(bucket, key string) *awsError {
	v.context = maps.Clone(v.context)
	v.context.Set("s3:prefix", key)
	if fault := v.refusal(permission{"s3:ListBucket", v.arn(bucket)}); fault != nil {
		return fault
	}
	return noSuchKey()
}
