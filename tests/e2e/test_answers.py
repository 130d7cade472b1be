"""Every answer is the same, octet by octet, with any number of shards."""
import unittest

import answers
from weir import capture, case


class Answers(unittest.TestCase):
    def same(self, file):
        one = answers.answers(file, 1)
        self.assertGreater(len(one), 400)
        good = [what for what, (status, _, body) in one.items() if status == 200 and len(body) > 2]
        self.assertGreater(len(good), 250)
        told = answers.differences(one, answers.answers(file, 4))
        self.assertEqual(told, [], "\n".join(told[:10]))

    @case(300)
    def test_a_fabric_answers_the_same_with_one_shard_and_with_four(self):
        self.same(capture("ecmp.pcap"))
