package sandbox

import (
	"bytes"
	"encoding/xml"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// The limits of object tags («Categorizing your storage using tags» in the S3 user guide).
const (
	maxObjectTags = 10
	taggingRoot   = "http://s3.amazonaws.com/doc/2006-03-01/"
)

type tag struct {
	Key   string `xml:"Key"`
	Value string `xml:"Value"`
}

// taggingXML is the body of PutObjectTagging and the response of GetObjectTagging.
type taggingXML struct {
	XMLName xml.Name `xml:"Tagging"`
	Xmlns   string   `xml:"xmlns,attr,omitempty"`
	Tags    []tag    `xml:"TagSet>Tag"`
}

// parseTagging parses the header x-amz-tagging, KEY=VALUE&…, URL-encoded.
func parseTagging(header string) ([]tag, *awsError) {
	values, err := url.ParseQuery(header)
	if err != nil {
		return nil, &awsError{http.StatusBadRequest, "InvalidArgument", "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates."}
	}
	var tags []tag
	for key, values := range values {
		tags = append(tags, tag{key, strings.Join(values, ",")})
	}
	slices.SortFunc(tags, func(a, b tag) int { return strings.Compare(a.Key, b.Key) })
	return tags, faultOfTags(tags)
}

func faultOfTags(tags []tag) *awsError {
	if len(tags) > maxObjectTags {
		return &awsError{http.StatusBadRequest, "BadRequest", "Object tags cannot be greater than 10"}
	}
	seen := map[string]bool{}
	for _, t := range tags {
		switch {
		case t.Key == "" || len([]rune(t.Key)) > maxTagKey:
			return &awsError{http.StatusBadRequest, "InvalidTag", "The TagKey you have provided is invalid"}
		case len([]rune(t.Value)) > maxTagValue:
			return &awsError{http.StatusBadRequest, "InvalidTag", "The TagValue you have provided is invalid"}
		case seen[t.Key]:
			return &awsError{http.StatusBadRequest, "InvalidTag", "Cannot provide multiple Tags with the same key"}
		}
		seen[t.Key] = true
	}
	return nil
}

func formatTagging(tags []tag) string {
	values := url.Values{}
	for _, t := range tags {
		values.Set(t.Key, t.Value)
	}
	return values.Encode()
}

// tagsOf returns the tags of an object, or none if it does not exist.
func (s *S3) tagsOf(bucket, key string) []tag {
	object, err := s.memory.HeadObject(bucket, key)
	if err != nil {
		return nil
	}
	tags, _ := parseTagging(object.Metadata[taggingHeader])
	return tags
}

// tagging handles the operations on the tags of an object.
func (s *S3) tagging(w http.ResponseWriter, v s3Request, body []byte) *awsError {
	if v.name == "GetObjectTagging" {
		s.count(v.name)
		writeS3(w, taggingXML{Xmlns: taggingRoot, Tags: s.tagsOf(v.bucket, v.key)})
		return nil
	}
	var in taggingXML
	if v.name == "PutObjectTagging" {
		if xml.Unmarshal(body, &in) != nil {
			return malformedXML()
		}
		if fault := faultOfTags(in.Tags); fault != nil {
			return fault
		}
		describeAsked(v.context, in.Tags)
		if fault := v.refusal(v.required()...); fault != nil {
			return fault
		}
		if !s.has(v.bucket, v.key) {
			return v.missing(v.bucket, v.key)
		}
	}
	s.count(v.name)
	s.retag(v.bucket, v.key, in.Tags)
	if v.name == "DeleteObjectTagging" {
		w.WriteHeader(http.StatusNoContent)
	}
	return nil
}

// retag stores the object again with other tags. Unlike in AWS, that changes its modification time.
func (s *S3) retag(bucket, key string, tags []tag) {
	s.conditional.Lock()
	defer s.conditional.Unlock()
	data, old, ok := s.stored(bucket, key)
	if !ok {
		return
	}
	metadata := map[string]string{taggingHeader: formatTagging(tags)}
	for name, value := range old {
		if name != taggingHeader {
			metadata[name] = value
		}
	}
	s.memory.PutObject(bucket, key, metadata, bytes.NewReader(data), int64(len(data)), nil)
}
