"""Kesiapan: how ready an UPT is to be a place of industry, judged once a year in the Grand Design's five dimensions.

Here live the national questionnaire, an UPT's answers with their evidence, what the Kanwil verified through the
workflow, the gaps that are left, and the few figures of each year that the centre reads. Views, API and the recap call
it; it calls the workflow and nothing calls back but the hooks that it registers.
Source: Grand Design Kegiatan Industri Kreatif Lapas (Sukamara, 15 September 2020).
"""
