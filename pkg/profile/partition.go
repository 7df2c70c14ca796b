package profile

import (
	"slices"
	"strings"
)

// partitions are AWS's own, with what their regions begin with. Regions of the partition aws have three words
// and no prefix in common.
var partitions = []struct{ name, prefix string }{
	{"aws-cn", "cn-"},
	{"aws-us-gov", "us-gov-"},
	{"aws-eusc", "eusc-"},
	{"aws-iso", "us-iso-"},
	{"aws-iso-b", "us-isob-"},
	{"aws-iso-e", "eu-isoe-"},
	{"aws-iso-f", "us-isof-"},
}

// areas are what regions of the partition aws begin with.
var areas = []string{"af", "ap", "ca", "eu", "il", "me", "mx", "sa", "us"}

// partitionOfRegion returns "" for a region of no partition known here. A partition as a whole is a region too:
// aws-global, aws-cn-global.
func partitionOfRegion(region string) string {
	if whole, ok := strings.CutSuffix(region, "-global"); ok {
		return knownPartition(whole)
	}
	for _, p := range partitions {
		if strings.HasPrefix(region, p.prefix) {
			return p.name
		}
	}
	if words := strings.Split(region, "-"); len(words) == 3 && digits(words[2]) && slices.Contains(areas, words[0]) {
		return "aws"
	}
	return ""
}

// partitionOfARN returns "" where the ARN is of no partition known here, such as MinIO's arn:minio:….
func partitionOfARN(arn string) string {
	fields := strings.SplitN(arn, ":", 3)
	if len(fields) != 3 || fields[0] != "arn" {
		return ""
	}
	return knownPartition(fields[1])
}

func knownPartition(name string) string {
	known := name == "aws"
	for _, p := range partitions {
		known = known || p.name == name
	}
	if !known {
		return ""
	}
	return name
}

// checkPartitions refuses what AWS would refuse only after the sign-in: a partition knows no other's roles,
// policies and credentials. A custom endpoint may stand for any.
func (b *builder) checkPartitions(p Profile) {
	region := partitionOfRegion(p.Region)
	switch {
	case p.Role.ARN != "" && p.Endpoints.STS == "":
		role := partitionOfARN(p.Role.ARN)
		b.checkPartition("region", p.Region, region, "the role", role)
		for _, arn := range p.Role.PolicyARNs {
			b.checkPartition("role.policy_arns", arn, partitionOfARN(arn), "the role", role)
		}
	case p.IdentityPool.ID != "" && p.Endpoints.CognitoIdentity == "":
		b.checkPartition("region", p.Region, region, "the identity pool", partitionOfRegion(p.IdentityPool.Region()))
	}
}

func (b *builder) checkPartition(key, value, partition, of, want string) {
	if partition == "" || want == "" || partition == want {
		return
	}
	b.fault(key, "%q is in partition %s, but %s is in %s", value, partition, of, want).Hint =
		"partitions share no accounts, roles or regions"
}
